/** Where text goes: a process stream, or a string in a test. */
export interface TextStream {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** What a command needs of the process it runs in. */
export interface Io {
  /** Results: tables, or with `--json` exactly one JSON value. */
  readonly stdout: TextStream;
  /** Progress, notes and errors. */
  readonly stderr: TextStream;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
}
