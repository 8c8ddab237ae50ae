import { AbortedError, type Compressor, type Logger, type Plugin } from '@espalier/core';
import type { Io } from './output/io.js';
import { printable } from './output/printable.js';
import { type Progress, progressFor } from './output/progress.js';

/** Options that every command has. */
export interface CommonOptions {
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly debug?: boolean;
  /** Packages of further plugins. */
  readonly plugin?: readonly string[];
}

/** Makes the compressor of a run. Tests put one of their own here. */
export type MakeCompressor = (plugins: readonly Plugin[]) => Compressor;

/** One run of one command: where its output goes, and what it works with. */
export class Session {
  readonly io: Io;
  readonly options: CommonOptions;
  readonly progress: Progress;
  /** The words of the command line. */
  readonly argv: readonly string[];
  readonly makeCompressor: MakeCompressor;

  constructor(io: Io, options: CommonOptions, argv: readonly string[], makeCompressor: MakeCompressor) {
    this.io = io;
    this.options = options;
    this.argv = argv;
    this.makeCompressor = makeCompressor;
    this.progress = progressFor(io, { quiet: options.quiet ?? false });
  }

  /** Prints a result: as JSON with `--json`, else as text. */
  print(json: unknown, text: () => string): void {
    this.progress.stop();
    this.io.stdout.write(this.options.json ? `${JSON.stringify(json, finite, 2)}\n` : printable(text()));
  }

  /** The command line, to be typed again. */
  get command(): string {
    return `espalier ${this.argv.map(quoted).join(' ')}`;
  }

  /** Columns that tables may take. */
  get width(): number {
    return this.io.stdout.isTTY ? (this.io.stdout.columns ?? Infinity) : Infinity;
  }

  /** @throws {AbortedError} after Ctrl-C */
  assertNotAborted(): void {
    if (this.io.signal.aborted) throw new AbortedError({ what: 'Cancelled; nothing was written.' });
  }

  /** What passes say: warnings always, the rest with `--debug`. */
  get log(): Logger {
    const detail = (message: string): void => {
      if (this.options.debug) this.io.stderr.write(`${message}\n`);
    };
    return { debug: detail, info: detail, warn: (message) => this.progress.note(message) };
  }
}

/** JSON has no infinities: an SQNR of a layer that did not change is "Infinity". */
function finite(_key: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
}

/** A word of a command line as a shell takes it. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
