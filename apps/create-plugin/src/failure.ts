/** What the user can put right: told in two lines, without a stack. */
export class Failure extends Error {
  readonly fix: string;

  constructor(what: string, fix: string) {
    super(what);
    this.name = 'Failure';
    this.fix = fix;
  }
}
