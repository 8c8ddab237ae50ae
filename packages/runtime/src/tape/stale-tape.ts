/** Thrown in a run when a tensor has another shape than it had when the tape was recorded: record again. */
export class StaleTape extends Error {
  constructor() {
    super('A shape depends on values that were fed, and has changed.');
    this.name = 'StaleTape';
  }
}
