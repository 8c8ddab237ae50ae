import {
  DataError,
  type DataType,
  type Dim,
  type Format,
  FormatError,
  Model,
  OptionsError,
  type ReadOptions,
  type RequantizationRule,
  type Tensor,
  type Value,
  verify,
} from '@espalier/core';
import { type Kernels, startCompilingKernels } from '@espalier/kernels';
import { type Lowered, lower } from '../plan/lower.js';
import type { Plan, PlanLine } from '../plan/plan.js';
import { type Profile, profilePlan } from '../plan/profile.js';
import { type Threads, threadCount } from '../threads/thread-count.js';
import { checkFeeds, type TensorLike } from './feeds.js';
import { type FreeDimensions, fixDimensions } from './free-dimensions.js';

/** What is known of an input or output before a run, in the shape of onnxruntime-common. */
export interface ValueMetadata {
  readonly name: string;
  readonly isTensor: true;
  readonly type: DataType;
  /** A name stands for a size that is known only at run time. Empty where the rank is not known. */
  readonly shape: readonly Dim[];
}

export interface SessionOptions extends ReadOptions {
  /** The file formats that `create` may be given bytes of: `onnxFormat`, … */
  readonly formats?: readonly Format[];
  /** Sizes for open dims by name (`{ batch_size: 1 }`): the model is planned for them, and takes no others. */
  readonly freeDimensionOverrides?: FreeDimensions;
  /**
   * Threads that run the model, the calling one included: a number, or 'auto' for as many as the machine has, up to
   * four. Default 1. More than one share memory: a page has to be cross-origin isolated; 'auto' gives one where it
   * is not. Results do not depend on it. End the threads with `release`.
   */
  readonly threads?: Threads;
  /**
   * The rule by which int32 sums become int8; default the model's own. Another one computes other codes: a .tflite model by
   * `tflite-double` gives what TensorFlow Lite Micro gives on a micro-controller.
   */
  readonly requantization?: RequantizationRule;
  /**
   * Kernels that `loadKernels` gave, for a session that is to run a certain binary, or may use so much memory only. The
   * session takes their whole memory: each needs its own. Absent: the fastest that this machine computes exactly with.
   */
  readonly kernels?: Kernels;
  /**
   * Lets float32 products round once where the machine has an instruction that multiplies and adds (relaxed SIMD):
   * faster, and no longer the same last bits on every machine. int8 results stay the same. Default false.
   */
  readonly fastMath?: boolean;
}

/** Which outputs are wanted: names, or an object with the names as keys. */
export type Fetches = readonly string[] | Readonly<Record<string, unknown>>;

/**
 * A model that is ready to run, in the shape of onnxruntime-common's InferenceSession. Each session has
 * memory of its own. A session may be run with other batch sizes from one run to the next.
 */
export class InferenceSession {
  /** What computes each node: integer kernels, float32 kernels, or plain TypeScript. */
  readonly plan: readonly PlanLine[];
  readonly inputMetadata: readonly ValueMetadata[];
  readonly outputMetadata: readonly ValueMetadata[];
  readonly #model: Model;
  /** Null once released: it holds the memory. */
  #lowered: Lowered | null;

  private constructor(lowered: Lowered) {
    const { model, plan } = lowered;
    this.#lowered = lowered;
    this.#model = model;
    this.plan = plan.describe();
    this.inputMetadata = model.graph.inputs.map(metadataOf);
    this.outputMetadata = model.graph.outputs.map(metadataOf);
  }

  /**
   * Makes a model ready: lowers it to a plan, decodes and packs its weights.
   *
   * @param source - a model, or the bytes of a file in one of `options.formats`
   * @throws {FormatError} when the bytes are in none of the formats, or damaged
   * @throws {UnsupportedError} naming the first node that can't run, and why; and where threads can't share memory
   * @throws {ThreadError} when a thread can't be started
   * @throws {OptionsError} when `threads` is no number of threads, or `kernels` do not fit it or the model
   */
  static async create(
    source: Model | Uint8Array | ArrayBuffer,
    options: SessionOptions = {},
  ): Promise<InferenceSession> {
    const threads = threadCount(options.threads ?? 1);
    const { freeDimensionOverrides: sizes, requantization, kernels, operatorKernels = [] } = options;
    const { fastMath = false } = options;
    if (kernels !== undefined) checkShared(kernels, threads);
    // Of most models: what is compiled in vain for another rule costs no time that somebody waits for.
    const rule = requantization ?? (isBytes(source) ? 'onnx' : source.requantization);
    const multipliers = rule === 'onnx' ? 'float32' : 'fixed-point';
    if (kernels === undefined) startCompilingKernels({ shared: threads > 1, multipliers, fastMath });
    const model = isBytes(source) ? await readBytes(toUint8Array(source), options) : source;
    const fixed = sizes === undefined ? model : fixDimensions(model, sizes);
    return new InferenceSession(
      await lower(byRule(fixed, requantization), { threads, kernels, fastMath, operatorKernels }),
    );
  }

  get inputNames(): readonly string[] {
    return this.inputMetadata.map(({ name }) => name);
  }

  get outputNames(): readonly string[] {
    return this.outputMetadata.map(({ name }) => name);
  }

  /**
   * Computes the outputs.
   *
   * @param feeds - a tensor for each input: ours, onnxruntime-common's, or anything with type, dims, data
   * @param fetches - the outputs wanted; all where left out
   * @throws {DataError} when feeds do not fit the model's inputs, or an output is not one of the model's
   * @throws {ThreadError} when a thread has failed; no later run works
   */
  async run(feeds: Readonly<Record<string, TensorLike>>, fetches?: Fetches): Promise<Record<string, Tensor>> {
    const plan = this.#ready();
    const wanted = fetches === undefined ? null : this.#wanted(fetches);
    // Small networks take a few microseconds: feeds like the last ones are known to be good.
    const outputs = plan.run(plan.accepts(feeds) ? feeds : checkFeeds(this.#model, feeds));
    if (wanted === null) return outputs;
    return Object.fromEntries(Object.entries(outputs).filter(([name]) => wanted.has(name)));
  }

  /**
   * Where the time of a run goes, node by node.
   *
   * @param feeds - as for `run`
   * @param options.runs - how often it is run; means are given
   * @throws {DataError} as `run` does
   */
  async profile(
    feeds: Readonly<Record<string, TensorLike>>,
    options: { readonly runs?: number } = {},
  ): Promise<Profile> {
    return profilePlan(this.#ready(), checkFeeds(this.#model, feeds), options.runs ?? 20);
  }

  /** Gives the memory back, and ends the threads. The session can't run any more. */
  async release(): Promise<void> {
    this.#lowered?.release();
    this.#lowered = null;
  }

  #ready(): Plan {
    if (this.#lowered !== null) return this.#lowered.plan;
    throw new DataError({ what: 'The session has been released.', fix: 'Create another one.' });
  }

  #wanted(fetches: Fetches): ReadonlySet<string> {
    const names = Array.isArray(fetches) ? (fetches as readonly string[]) : Object.keys(fetches);
    const unknown = names.find((name) => !this.outputNames.includes(name));
    if (unknown === undefined) return new Set(names);
    throw new DataError({
      what: `The model has no output "${unknown}".`,
      fix: `Its outputs are ${this.outputNames.map((name) => `"${name}"`).join(', ')}.`,
    });
  }
}

function metadataOf({ name, type }: Value): ValueMetadata {
  return { name, isTensor: true, type: type?.dtype ?? 'float32', shape: type?.dims ?? [] };
}

function byRule(model: Model, requantization: RequantizationRule | undefined): Model {
  if (requantization === undefined || requantization === model.requantization) return model;
  return new Model(model.graph, { metadata: model.metadata, requantization });
}

function checkShared(kernels: Kernels, threads: number): void {
  if (threads === 1 || kernels.shared) return;
  throw new OptionsError({
    what: `${threads} threads were to run kernels whose memory is not shared.`,
    where: 'options "threads" and "kernels"',
    fix: 'Load the kernels with { shared: true }, or leave out one of the options.',
  });
}

function isBytes(source: Model | Uint8Array | ArrayBuffer): source is Uint8Array | ArrayBuffer {
  return source instanceof Uint8Array || source instanceof ArrayBuffer;
}

function toUint8Array(bytes: Uint8Array | ArrayBuffer): Uint8Array {
  return bytes instanceof Uint8Array ? bytes : new Uint8Array(bytes);
}

async function readBytes(bytes: Uint8Array, { formats = [], ...options }: SessionOptions): Promise<Model> {
  const format = formats.find((candidate) => candidate.detect(bytes));
  if (format === undefined) {
    throw new FormatError({
      what: 'The bytes are in no format that is known here.',
      ...(options.name === undefined ? {} : { where: options.name }),
      fix: `Known formats: ${formats.map(({ name }) => name).join(', ') || 'none, pass { formats: [onnxFormat] }'}.`,
    });
  }
  const model = await format.read(bytes, options);
  verify(model);
  return model;
}
