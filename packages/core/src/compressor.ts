import { AbortedError, InternalError } from './errors/errors.js';
import type { Model } from './ir/model.js';
import { verify } from './ir/verifier.js';
import type { RunData } from './pass/dataset.js';
import type { RunEvent } from './pass/events.js';
import { finiteRunData } from './pass/finite-dataset.js';
import { type Logger, silentLogger } from './pass/logger.js';
import { orderSteps } from './pass/order.js';
import type { Pass } from './pass/pass.js';
import { PassManager } from './pass/pass-manager.js';
import { createRandom } from './pass/random.js';
import { type Container, resolveAll, resolveOptional } from './plugin/container.js';
import { CONTRIBUTORS } from './plugin/contributors.js';
import type { Format } from './plugin/format.js';
import type { PassPlugin, Plugin, Step } from './plugin/plugin.js';
import { createRegistry } from './plugin/registry.js';
import { EXECUTOR, FORMAT, INVARIANT, LOGGER, PASS, PASS_PLUGIN, RECIPE } from './plugin/tokens.js';
import { findPlugin, listedSteps, type Recipe, stepsOf } from './recipe/recipe.js';
import { measureDrift } from './report/drift.js';
import type { RunReport } from './report/report.js';
import { reportWeights } from './report/weight-report.js';

export interface RunOptions {
  readonly data?: RunData;
  /** The same seed gives the same bytes, in Node and in every browser. Default 0. */
  readonly seed?: number | string;
  readonly signal?: AbortSignal;
  readonly log?: Logger;
  /** Samples that drift is measured on after each pass; 0 for none. Default 32. */
  readonly driftSamples?: number;
  /** Whether the report lists every weight; costs one decoding of the model. Default true. */
  readonly reportWeights?: boolean;
  onProgress?(event: RunEvent): void;
}

export interface RunResult {
  readonly model: Model;
  readonly report: RunReport;
  /**
   * The model as the exact passes that began the run left it: what the weights' losses are told
   * against. Folding a norm changes a weight and loses nothing.
   */
  readonly reference: Model;
}

/**
 * Passes, formats and recipes of a list of plugins, ready to run. Two compressors know nothing of
 * each other, and neither do two runs of one.
 */
export class Compressor {
  readonly #container: Container;

  /** @throws {PluginError} for a plugin of another API version */
  constructor(options: { readonly plugins: readonly Plugin[] }) {
    this.#container = createRegistry(options.plugins);
  }

  /** The registry. For formats, recipes and what else plugins brought. */
  get container(): Container {
    return this.#container;
  }

  get passes(): readonly PassPlugin[] {
    return resolveAll(this.#container, PASS_PLUGIN);
  }

  get formats(): readonly Format[] {
    return resolveAll(this.#container, FORMAT);
  }

  get recipes(): readonly Recipe[] {
    return resolveAll(this.#container, RECIPE);
  }

  /**
   * Runs steps, or a recipe, over a model. The model itself is left alone.
   *
   * @param steps - what plugins give, or names of passes, which then have their defaults
   * @throws {OptionsError} before anything runs, for an unknown pass, what is no step, or a contradiction in the order
   * @throws {DataError} before anything runs, when a pass needs data that are not given
   * @throws {DataError} when a sample that is read holds NaN or an infinity
   * @throws {PassError} when a pass fails; {InvariantError} when one undoes another
   * @throws {AbortedError} when `signal` aborts
   */
  async run(
    model: Model,
    steps: readonly (Step | string)[] | Recipe,
    options: RunOptions = {},
  ): Promise<RunResult> {
    const { log = silentLogger, signal = new AbortController().signal } = options;
    const data = finiteRunData(options.data ?? {});
    const recipe = 'steps' in steps ? steps : null;
    const given =
      recipe === null
        ? listedSteps(steps as readonly (Step | string)[], this.passes) // no recipe, so it is the list
        : stepsOf(recipe, this.passes, data);
    const seed = options.seed ?? recipe?.seed ?? 0;
    if (signal.aborted)
      throw new AbortedError({ what: 'The run was cancelled before it began.', cause: signal.reason });

    const run = this.#container.createChildContainer();
    run.register(LOGGER, { useValue: log });
    const passOf = this.#passesOf(run, given);
    const ordered = orderSteps(given, passOf);
    verify(model);

    const sizes = this.#measure();
    const sizeBytesBefore = sizes.measure(model);
    const emit = (event: RunEvent): void => options.onProgress?.(event);
    emit({ kind: 'run-start', passes: ordered.map(({ pass }) => pass), sizeBytes: sizeBytesBefore });
    const contributors = resolveOptional(run, CONTRIBUTORS);
    const manager = new PassManager(model, {
      nameOf: (pass) => contributors?.nameOfPass(pass) ?? `"${pass}"`,
      data,
      random: createRandom(seed),
      signal,
      log,
      invariants: resolveAll(run, INVARIANT),
      emit,
      measure: sizes.measure,
      drift: (changed) => this.#drift(model, changed, data, options.driftSamples ?? 32, emit),
    });
    const {
      model: result,
      reference,
      reports,
    } = await manager.run(ordered, passOf).finally(() => run.dispose());
    const report: RunReport = {
      seed,
      sizeBytesBefore,
      sizeBytesAfter: reports.at(-1)?.sizeBytes ?? sizeBytesBefore,
      passes: reports,
      weights: options.reportWeights === false ? [] : reportWeights(reference, result),
      sizeFormat: sizes.format,
      warnings: ordered.some((step, i) => step !== given[i])
        ? [
            `The steps ran in the order ${ordered.map(({ pass }) => pass).join(', ')}, which their passes ask for.`,
          ]
        : [],
    };
    return { model: result, report, reference };
  }

  /** Makes the passes of one run, each once. */
  #passesOf(run: Container, steps: readonly Step[]): (step: Step) => Pass {
    const passes = new Map(resolveAll(run, PASS).map((pass) => [pass.name, pass]));
    for (const step of steps) findPlugin(step.pass, this.passes);
    return (step) => passes.get(step.pass) ?? findPass(step);
  }

  /** The first registered format that can measure counts the bytes. */
  #measure(): { readonly format: string | null; measure(model: Model): number } {
    const format = this.formats.find(({ measure }) => measure !== undefined);
    if (format !== undefined)
      return { format: format.name, measure: (model) => format.measure?.(model) ?? 0 };
    return {
      format: null,
      measure: (model) =>
        model.graph.constants.reduce((sum, { constant }) => sum + (constant?.byteLength ?? 0), 0),
    };
  }

  async #drift(
    reference: Model,
    model: Model,
    data: RunData,
    samples: number,
    emit: (event: RunEvent) => void,
  ): Promise<RunReport['passes'][number]['drift']> {
    const executor = resolveOptional(this.#container, EXECUTOR);
    const dataset = data.holdout ?? data.calibration;
    if (executor === null || dataset === undefined || samples === 0) return null;
    emit({
      kind: 'measure',
      what: `drift on ${Math.min(samples, dataset.count)} samples of ${dataset.name}`,
    });
    return measureDrift(executor, reference, model, dataset, samples);
  }
}

function findPass(step: Step): never {
  // The plugin was found, so its register() left out the pass it is named for.
  throw new InternalError({ what: `The plugin "${step.pass}" registers no pass of that name.` });
}
