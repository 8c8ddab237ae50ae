/** What every error of Espalier tells: what went wrong, where, and how to mend it. */
export interface ErrorReport {
  /** One sentence: what is wrong, with the offending numbers or names. */
  readonly what: string;
  /** File, node, tensor, byte offset: the place a reader looks at next. */
  readonly where?: string;
  /** What the caller can do about it. */
  readonly fix?: string;
  /** The error this one explains. */
  readonly cause?: unknown;
}

/** Stable names for programs to branch on. They do not change between versions. */
export type ErrorCode =
  | 'ABORTED'
  | 'DATA'
  | 'FILE'
  | 'FORMAT'
  | 'INTERNAL'
  | 'INVARIANT'
  | 'MODEL'
  | 'OPTIONS'
  | 'PASS'
  | 'PLUGIN'
  | 'SHAPE'
  | 'THREAD'
  | 'TRAINING'
  | 'UNSUPPORTED';

/** Base of all errors a caller can cause. `message` holds what, where and fix on one to three lines. */
export class EspalierError extends Error {
  readonly code: ErrorCode;
  readonly what: string;
  readonly where: string | undefined;
  readonly fix: string | undefined;

  constructor(code: ErrorCode, report: ErrorReport) {
    super(messageOf(report), report.cause === undefined ? undefined : { cause: report.cause });
    this.name = new.target.name;
    this.code = code;
    this.what = report.what;
    this.where = report.where;
    this.fix = report.fix;
  }
}

function messageOf({ what, where, fix }: ErrorReport): string {
  const place = where === undefined ? '' : `\n  at: ${where}`;
  const remedy = fix === undefined ? '' : `\n  fix: ${fix}`;
  return `${what}${place}${remedy}`;
}
