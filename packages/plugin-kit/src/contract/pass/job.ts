import {
  Compressor,
  type Container,
  createRandom,
  ENCODING,
  type EncodingKind,
  type Executor,
  INVARIANT,
  type Invariant,
  inferShapes,
  LOGGER,
  type Model,
  PASS,
  type Pass,
  type PassContext,
  type PassPlugin,
  type Plugin,
  type RunData,
  type RunOptions,
  type RunResult,
  resolveAll,
  silentLogger,
} from '@espalier/core';
import { copyModel } from '../../models/copy-model.js';

/** A pass, and the runs that its promises are checked on. */
export interface PassSubject {
  readonly plugin: PassPlugin;
  readonly jobs: readonly Job[];
  /** Option sets of the jobs, as given. */
  readonly options: readonly (object | undefined)[];
  /** Whether a second run changes nothing. */
  readonly idempotent: boolean;
  readonly executor: Executor | null;
  readonly invariants: readonly Invariant[];
  readonly kinds: readonly EncodingKind[];
  /** A pass as a run gets it. */
  makePass(): Pass;
  /** A job on another model, with the first options. */
  jobOn(name: string, model: Model, data?: RunData): Job;
}

/** What a run came to. */
export type Outcome =
  | { readonly kind: 'done'; readonly before: Model; readonly result: RunResult }
  | { readonly kind: 'refused'; readonly error: unknown };

/** Installed plugins, and the pass under test among them. */
export interface Installed {
  readonly compressor: Compressor;
  readonly plugin: PassPlugin;
}

/** The pass on one model with one set of options. */
export class Job {
  /** For messages: `model "pruned"`, with options where they are not the defaults. */
  readonly where: string;
  readonly options: object | undefined;
  readonly data: RunData;
  readonly #installed: Installed;
  readonly #model: Model;
  #first: Promise<Outcome> | undefined;

  constructor(
    installed: Installed,
    job: {
      readonly name: string;
      readonly model: Model;
      readonly options: object | undefined;
      readonly data: RunData;
    },
  ) {
    this.#installed = installed;
    this.#model = job.model;
    this.options = job.options;
    this.data = job.data;
    const options = job.options === undefined ? '' : `, options ${JSON.stringify(job.options)}`;
    this.where = `model "${job.name}"${options}`;
  }

  /** The model, with arrays of its own: what one run does to it no other sees. */
  makeModel(): Model {
    const model = copyModel(this.#model, resolveAll(this.container, ENCODING));
    // Passes may fill in types they need: that is knowledge, not a change.
    inferShapes(model);
    return model;
  }

  /** The options as the pass gets them. */
  get settings(): Readonly<object> {
    return this.#installed.plugin(this.options).options as object; // a table's options are an object
  }

  get container(): Container {
    return this.#installed.compressor.container;
  }

  /** The first run, which all that only look at its result share. */
  first(): Promise<Outcome> {
    this.#first ??= this.run(this.makeModel());
    return this.#first;
  }

  /** A run under a pass manager. Same seed each time. */
  async run(before: Model, more: RunOptions = {}): Promise<Outcome> {
    const { compressor, plugin } = this.#installed;
    try {
      const result = await compressor.run(before, [plugin(this.options)], {
        seed: 1,
        driftSamples: 0,
        reportWeights: false,
        data: this.data,
        ...more,
      });
      return { kind: 'done', before, result };
    } catch (error) {
      return { kind: 'refused', error };
    }
  }

  /** Runs the pass itself, without a manager that would drop what it did. */
  async runAlone(
    model: Model,
    pass: Pass,
    more: Partial<PassContext> = {},
  ): Promise<{ readonly modified: boolean }> {
    const data = more.data ?? this.data;
    return pass.run(model, {
      options: this.#installed.plugin(this.options).options,
      data,
      original: model.clone(),
      random: createRandom(1),
      signal: new AbortController().signal,
      log: silentLogger,
      count() {},
      table() {},
      measure: bytesOfConstants,
      progress: async () => {},
      analyze: async (analysis) => analysis.compute(model, data),
      ...more,
    });
  }
}

/** What a run without file formats counts. */
function bytesOfConstants({ graph }: Model): number {
  return graph.constants.reduce((sum, { constant }) => sum + (constant?.byteLength ?? 0), 0);
}

/** What a contract says of the runs of a pass. */
export interface JobSettings {
  /** Models by name, and their data. */
  readonly models: readonly (readonly [name: string, model: Model, data: RunData])[];
  readonly options: readonly (object | undefined)[];
  readonly idempotent: boolean;
  readonly executor: Executor | null;
}

/** The runs of one pass: each model with each set of options. */
export function passSubject(
  plugins: readonly Plugin[],
  plugin: PassPlugin,
  { models, options, idempotent, executor }: JobSettings,
): PassSubject {
  const compressor = new Compressor({ plugins });
  const { container } = compressor;
  const installed = { compressor, plugin };
  const jobs = options.flatMap((set) =>
    models.map(([name, model, data]) => new Job(installed, { name, model, data, options: set })),
  );
  return {
    plugin,
    jobs,
    options,
    idempotent,
    executor,
    invariants: resolveAll(container, INVARIANT),
    kinds: resolveAll(container, ENCODING),
    makePass: () => passNamed(container, plugin.id),
    jobOn: (name, model, data = {}) => new Job(installed, { name, model, data, options: options[0] }),
  };
}

function passNamed(container: Container, id: string): Pass {
  const run = container.createChildContainer();
  run.register(LOGGER, { useValue: silentLogger });
  const pass = resolveAll(run, PASS).find(({ name }) => name === id);
  if (pass === undefined) throw new Error(`the plugin registers no pass named "${id}"`);
  return pass;
}

/** The first thing that is wrong with any job, with the job named. */
export async function firstOf(
  jobs: readonly Job[],
  breach: (job: Job) => Promise<string | null>,
): Promise<string | null> {
  for (const job of jobs) {
    const found = await breach(job);
    if (found !== null) return `${found} (${job.where})`;
  }
  return null;
}
