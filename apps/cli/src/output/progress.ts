import { Presets, SingleBar } from 'cli-progress';
import type { Io, TextStream } from './io.js';
import { printable } from './printable.js';

/** Shows how far a run is: a bar on a terminal, a line a step elsewhere. Writes to stderr only. */
export interface Progress {
  /** Begins a step and ends the one before. */
  step(label: string): void;
  /** How far the step is. */
  update(done: number, total: number): void;
  /** A line of its own, for what a reader should know. */
  note(text: string): void;
  /** Takes the bar away. */
  stop(): void;
}

/** The progress display that fits where stderr goes. */
export function progressFor(io: Pick<Io, 'stderr'>, { quiet }: { readonly quiet: boolean }): Progress {
  if (quiet) return silent;
  return io.stderr.isTTY === true ? new BarProgress(io.stderr) : new LineProgress(io.stderr);
}

const silent: Progress = { step() {}, update() {}, note() {}, stop() {} };

class LineProgress implements Progress {
  readonly #stream: TextStream;

  constructor(stream: TextStream) {
    this.#stream = stream;
  }

  step(label: string): void {
    this.#stream.write(`${printable(label)} ...\n`);
  }

  update(): void {}

  note(text: string): void {
    this.#stream.write(`note: ${printable(text)}\n`);
  }

  stop(): void {}
}

class BarProgress implements Progress {
  readonly #stream: TextStream;
  #bar: SingleBar | null = null;
  #label = '';

  constructor(stream: TextStream) {
    this.#stream = stream;
  }

  step(label: string): void {
    this.stop();
    this.#label = printable(label);
    this.#bar = new SingleBar(
      {
        format: '[{bar}] {percentage} %  {label}',
        barsize: 24,
        hideCursor: true,
        clearOnComplete: true,
        emptyOnZero: true,
        linewrap: true,
        // The command handles Ctrl-C itself.
        gracefulExit: false,
        stream: this.#stream as NodeJS.WritableStream, // a terminal, as isTTY says: only process streams are
      },
      Presets.shades_classic,
    );
    this.#bar.start(1, 0, { label: this.#label });
  }

  update(done: number, total: number): void {
    this.#bar?.setTotal(total);
    this.#bar?.update(done, { label: this.#label });
  }

  note(text: string): void {
    const label = this.#label;
    const running = this.#bar !== null;
    this.stop();
    this.#stream.write(`note: ${printable(text)}\n`);
    if (running) this.step(label);
  }

  stop(): void {
    this.#bar?.stop();
    this.#bar = null;
  }
}
