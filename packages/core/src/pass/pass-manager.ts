import { AbortedError, DataError, InvariantError, PassError } from '../errors/errors.js';
import { EspalierError } from '../errors/espalier-error.js';
import type { Model } from '../ir/model.js';
import { verify } from '../ir/verifier.js';
import type { Step } from '../plugin/plugin.js';
import type { PassReport, ReportTable } from '../report/report.js';
import { AnalysisCache } from './analysis.js';
import type { RunData } from './dataset.js';
import type { RunEvent } from './events.js';
import type { Invariant } from './invariant.js';
import type { Logger } from './logger.js';
import type { Pass, PassContext } from './pass.js';
import type { Random } from './random.js';

/** What a pass manager needs to know of a run. */
export interface PassManagerRun {
  /** What a pass is called in messages: its name in quotes, and where it comes from. */
  nameOf(pass: string): string;
  readonly data: RunData;
  readonly random: Random;
  readonly signal: AbortSignal;
  readonly log: Logger;
  readonly invariants: readonly Invariant[];
  emit(event: RunEvent): void;
  /** Bytes of the whole file of a model. */
  measure(model: Model): number;
  /** How far a model is from the one the run began with; null where it can't be told. */
  drift(model: Model): Promise<PassReport['drift']>;
}

export interface PassManagerResult {
  readonly model: Model;
  /** The model as the exact passes that began the run left it; the given one where none did. */
  readonly reference: Model;
  /** One for each step. */
  readonly reports: readonly PassReport[];
}

/** What a pass says of itself while it runs. */
interface Notes {
  readonly statistics: Map<string, number>;
  readonly warnings: string[];
  readonly tables: ReportTable[];
}

/** Outputs of an exact pass may differ by float rounding: 60 dB is one part in a thousand. */
const exactSqnrDb = 60;

/** A pass that runs without a pause lets others have a turn this often, in ms. */
const turnMs = 30;

/**
 * Runs passes one after the other on a model of its own: each on a copy, which takes the model's
 * place once it is verified. What a pass throws reaches the caller with the passes before it named,
 * and the caller's model as it was.
 */
export class PassManager {
  readonly #run: PassManagerRun;
  readonly #analyses = new AnalysisCache();
  /** Which pass established what. */
  readonly #established = new Map<string, string>();
  readonly #reports: PassReport[] = [];
  /** As it came into the run. */
  readonly #original: Model;

  constructor(model: Model, run: PassManagerRun) {
    this.#original = model;
    this.#run = run;
  }

  /** @throws {DataError} before anything runs, when a pass needs data that the run has not */
  async run(steps: readonly Step[], passOf: (step: Step) => Pass): Promise<PassManagerResult> {
    for (const step of steps) this.#assertData(step, passOf(step));
    let current = this.#original;
    let reference = current;
    let exact = true;
    for (const [index, step] of steps.entries()) {
      const pass = passOf(step);
      current = await this.#runStep(current, step, pass, index, steps.length);
      exact &&= effectOf(pass, step) === 'exact';
      if (exact) reference = current;
    }
    return { model: current, reference, reports: this.#reports };
  }

  async #runStep(before: Model, step: Step, pass: Pass, index: number, of: number): Promise<Model> {
    this.#assertNotAborted();
    this.#assertMayRun(pass);
    this.#run.emit({ kind: 'pass-start', pass: pass.name, index, of });
    const started = performance.now();
    const statistics = new Map<string, number>();
    const warnings: string[] = [];
    const tables: ReportTable[] = [];
    const working = before.clone();
    const context = this.#contextOf(working, step, index, of, { statistics, warnings, tables });
    const { modified } = await this.#guard(pass, () => pass.run(working, context));
    const after = modified ? working : before;
    if (modified) await this.#guard(pass, () => this.#accept(pass, before, after));
    const elapsedMs = performance.now() - started;
    const drift = modified ? await this.#run.drift(after) : (this.#reports.at(-1)?.drift ?? null);
    if (modified && effectOf(pass, step) === 'exact') this.#assertExact(pass, drift);
    const report: PassReport = {
      pass: pass.name,
      options: step.options,
      effect: effectOf(pass, step),
      modified,
      elapsedMs,
      sizeBytes: this.#run.measure(after),
      statistics: Object.fromEntries(statistics),
      warnings,
      tables,
      drift,
    };
    this.#reports.push(report);
    this.#run.emit({ kind: 'pass-end', index, of, report, model: after });
    return after;
  }

  #contextOf(
    model: Model,
    step: Step,
    index: number,
    of: number,
    { statistics, warnings, tables }: Notes,
  ): PassContext {
    const { data, random, signal, log, emit, measure } = this.#run;
    let lastTurn = performance.now();
    return {
      options: step.options as PassContext['options'],
      data,
      original: this.#original,
      random: random.fork(`${index}/${step.pass}`),
      signal,
      log: {
        debug: (message) => log.debug(message),
        info: (message) => log.info(message),
        warn: (message) => {
          warnings.push(message);
          log.warn(message);
        },
      },
      count: (statistic, by) => {
        if (by !== 0) statistics.set(statistic, (statistics.get(statistic) ?? 0) + by);
      },
      table: (table) => {
        tables.push(table);
      },
      measure,
      analyze: (analysis) => this.#analyses.get(analysis, model, data),
      progress: async (done, total, what = '') => {
        emit({ kind: 'pass-progress', pass: step.pass, index, of, done, total, what });
        if (performance.now() - lastTurn > turnMs) {
          await new Promise((resolve) => setTimeout(resolve, 0));
          lastTurn = performance.now();
        }
        this.#assertNotAborted();
      },
    };
  }

  /** Refuses a pass whose data are missing, before any pass has taken its time. */
  #assertData({ options }: Step, pass: Pass): void {
    const missing = pass.requires?.(options as object).find((role) => this.#run.data[role] === undefined);
    if (missing === undefined) return;
    throw new DataError({
      what: `The pass ${this.#run.nameOf(pass.name)} needs ${missing} data with these options, and the run has none.`,
      where: `data "${missing}"`,
      fix: `Give the run data.${missing}, or leave out the option that needs them.`,
    });
  }

  /** Refuses a pass that would undo an earlier one, before it starts. */
  #assertMayRun(pass: Pass): void {
    for (const name of pass.breaks ?? []) {
      const by = this.#established.get(name);
      if (by === undefined) continue;
      throw new InvariantError({
        what: `The pass ${this.#run.nameOf(pass.name)} would undo "${by}": it breaks ${name}.`,
        where: this.#history(),
        fix: `Put "${pass.name}" before "${by}", or take one of them out.`,
      });
    }
  }

  /** Checks a changed model, and notes what now holds. */
  #accept(pass: Pass, before: Model, after: Model): void {
    this.#analyses.clear();
    verify(after);
    for (const invariant of this.#run.invariants) {
      const by = this.#established.get(invariant.name);
      const violation = by === undefined ? null : invariant.violation(before, after);
      if (violation === null) continue;
      throw new InvariantError({
        what: `The pass ${this.#run.nameOf(pass.name)} undid "${by}": ${violation}.`,
        where: this.#history(),
        fix: `Put "${pass.name}" before "${by}", or report it to the plugin's author.`,
      });
    }
    for (const name of pass.establishes ?? []) this.#established.set(name, pass.name);
  }

  #assertExact(pass: Pass, drift: PassReport['drift']): void {
    const previous = this.#reports.at(-1)?.drift?.outputSqnrDb ?? Infinity;
    if (drift === null) return;
    // After a lossy pass the drift so far is the bar: an exact pass must not lower it further.
    if (drift.outputSqnrDb >= Math.min(exactSqnrDb, previous - 1)) return;
    throw new PassError({
      what: `The pass ${this.#run.nameOf(pass.name)} is exact, but the outputs changed: SQNR ${drift.outputSqnrDb.toFixed(1)} dB.`,
      where: this.#history(),
      fix: 'Take it out of the recipe, and report it to its author.',
    });
  }

  async #guard<T>(pass: Pass, work: () => T | Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      this.#assertNotAborted();
      if (error instanceof AbortedError || error instanceof InvariantError) throw error;
      const inner = error instanceof EspalierError ? error : null;
      throw new PassError({
        what: `The pass ${this.#run.nameOf(pass.name)} failed: ${inner?.what ?? (error instanceof Error ? error.message : String(error))}`,
        where: [inner?.where, this.#history()].filter((part) => part !== undefined && part !== '').join('; '),
        ...(inner?.fix === undefined ? {} : { fix: inner.fix }),
        cause: error,
      });
    }
  }

  #assertNotAborted(): void {
    if (!this.#run.signal.aborted) return;
    throw new AbortedError({
      what: 'The run was cancelled.',
      where: this.#history(),
      cause: this.#run.signal.reason,
    });
  }

  #history(): string {
    const names = this.#reports.map(({ pass }) => pass);
    return names.length === 0 ? 'first pass' : `after ${names.join(', ')}`;
  }
}

function effectOf(pass: Pass, { options }: Step): Pass['effect'] {
  return pass.effectOf?.(options as object) ?? pass.effect;
}
