/** Where a pass says what it does. Libraries never print: the caller decides what becomes of it. */
export interface Logger {
  debug(message: string): void;
  info(message: string): void;
  /** Something the user should know, which does not stop the run. */
  warn(message: string): void;
}

export const silentLogger: Logger = { debug() {}, info() {}, warn() {} };
