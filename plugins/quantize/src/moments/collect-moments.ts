import {
  DataError,
  type Dataset,
  type Execution,
  type Model,
  type Node,
  type Tensor,
  toFloat32,
  type Value,
} from '@espalier/core';
import type { CalibrationSource } from '../calibration-source.js';
import { extremesOf } from '../calibrators/extremes.js';
import { Moments } from './moments.js';
import { convPatches, type Patches, rowPatches } from './patches.js';

/** Of all layers whose products are collected in one run over the data. */
const mostBytes = 2 ** 28;

/** A layer with longer patches gets no products: their square would not fit. */
const longestPatch = 4096;

/** Patches of a layer at most, over all samples: some multiple of their length in networks of usual size. */
const mostPatches = 4096;

/** Multiplications that one layer's products may take. */
const mostWork = 2 ** 33;

/** What is wanted of one layer. */
export interface MomentRequest {
  readonly node: Node;
  readonly weight: Value;
  /** Whether E[x x^T] is wanted, beside E[x]. */
  readonly wantsProducts: boolean;
}

/** One for each group of a convolution, else one. */
export type LayerMoments = readonly Moments[];

/** What is run, and how much of it. */
export interface MomentsRun {
  readonly samples: number;
  readonly batchSize: number;
}

/** What tells how far it is; see PassContext. */
type Progress = (done: number, total: number, what?: string) => Promise<void>;

/**
 * First and second moments of what layers multiply their weights with, over calibration data. Of large
 * pictures some positions are taken, evenly spaced, others in each picture. Memory is bounded: where the products of
 * all layers do not fit, the data are run several times.
 *
 * @returns by weight
 */
export async function collectMoments(
  model: Model,
  requests: readonly MomentRequest[],
  { executor, calibration: data }: CalibrationSource,
  options: MomentsRun,
  progress: Progress,
): Promise<ReadonlyMap<Value, LayerMoments>> {
  const layers = requests.map(
    (request) => new LayerCollector(request, Math.min(options.samples, data.count)),
  );
  const rounds = inRounds(layers);
  const execution = await executor.prepare(model);
  try {
    for (const [index, round] of rounds.entries())
      await runRound(execution, round, data, options, (done, total) =>
        progress(index * total + done, rounds.length * total, 'measuring layers'),
      );
  } finally {
    execution.dispose();
  }
  const moments = new Map<Value, LayerMoments>();
  for (const layer of layers) moments.set(layer.request.weight, layer.moments);
  return moments;
}

async function runRound(
  execution: Execution,
  layers: readonly LayerCollector[],
  data: Dataset,
  { samples, batchSize }: MomentsRun,
  progress: (done: number, total: number) => Promise<void>,
): Promise<void> {
  const byInput = new Map<string, LayerCollector[]>();
  for (const layer of layers) byInput.set(layer.input, [...(byInput.get(layer.input) ?? []), layer]);
  const wanted = new Set(byInput.keys());
  const see = (name: string, tensor: Tensor): void => {
    for (const layer of byInput.get(name) ?? []) layer.see(tensor);
  };
  const total = Math.min(samples, data.count);
  let done = 0;
  for await (const { feeds, count } of data.batches(batchSize, total)) {
    for (const [name, tensor] of Object.entries(feeds)) see(name, tensor);
    await execution.run(feeds, (value, tensor) => see(value.name, tensor), wanted);
    done += count;
    await progress(Math.min(done, total), total);
  }
}

/** Layers whose products fit in memory together. */
function inRounds(layers: readonly LayerCollector[]): readonly (readonly LayerCollector[])[] {
  const rounds: LayerCollector[][] = [];
  let bytes = Infinity;
  for (const layer of layers) {
    if (bytes + layer.sizeBytes > mostBytes) {
      rounds.push([]);
      bytes = 0;
    }
    bytes += layer.sizeBytes;
    rounds.at(-1)?.push(layer);
  }
  return rounds;
}

class LayerCollector {
  readonly request: MomentRequest;
  readonly input: string;
  readonly sizeBytes: number;
  readonly #samples: number;
  readonly #length: number;
  readonly #wantsProducts: boolean;
  #moments: Moments[] = [];
  #pictures = 0;

  constructor(request: MomentRequest, samples: number) {
    const { node, weight } = request;
    const dims = weight.constant?.dims ?? [];
    this.request = request;
    this.input = node.inputs[0]?.name ?? '';
    this.#samples = Math.max(1, samples);
    this.#length = patchLength(node, dims);
    this.#wantsProducts = request.wantsProducts && this.#length <= longestPatch;
    const groups = node.attributes.int('group', 1);
    this.sizeBytes = this.#wantsProducts ? 8 * groups * this.#length * this.#length : 0;
  }

  get moments(): LayerMoments {
    return this.#moments;
  }

  see(tensor: Tensor): void {
    const values = toFloat32(tensor);
    const { node, weight } = this.request;
    if (values.length > 0 && extremesOf(values) === null) throw notFinite(this.input);
    const patches = patchesOf(node, weight.constant?.dims ?? [], tensor.dims);
    if (patches.length !== this.#length)
      throw new DataError({
        what: `Patches of ${patches.length} elements do not fit weights of ${this.#length}.`,
        where: `node "${node.name}"`,
      });
    while (this.#moments.length < patches.groups)
      this.#moments.push(new Moments(patches.length, this.#wantsProducts));
    const isMatrix = node.op !== 'Conv';
    const size = isMatrix ? patches.length : tensor.dims.slice(1).reduce((a, b) => a * b, 1);
    const pictures = Math.floor(values.length / Math.max(1, size));
    const rowsPerSample = isMatrix ? Math.max(1, pictures / Math.max(1, tensor.dims[0] ?? 1)) : 1;
    for (let i = 0; i < pictures; i++) this.#add(values, i * size, patches, rowsPerSample);
  }

  #add(values: Float32Array, offset: number, patches: Patches, rowsPerSample: number): void {
    const { positions, groups, length } = patches;
    const work = Math.floor(mostWork / (groups * length * length));
    const wanted = this.#wantsProducts ? Math.min(mostPatches, Math.max(work, 256)) : mostPatches;
    const perPicture = Math.min(positions, Math.ceil(wanted / this.#samples / rowsPerSample));
    // The golden section spreads the places of pictures evenly among each other.
    const shift = (this.#pictures++ * 0.6180339887498949) % 1;
    const patch = new Float64Array(length);
    for (let k = 0; k < perPicture; k++) {
      const position = Math.min(positions - 1, Math.floor(((k + shift) * positions) / perPicture));
      for (const [group, moments] of this.#moments.entries()) {
        patches.read(values, offset, position, group, patch);
        moments.add(patch);
      }
    }
  }
}

function notFinite(activation: string): DataError {
  return new DataError({
    what: `The activation "${activation}" is not finite on the calibration data.`,
    fix: 'Look for broken samples, and check layout, mean and deviation of the inputs.',
  });
}

/** Elements of a row of weights: what one output is a sum over. */
function patchLength({ op, attributes }: Node, weights: readonly number[]): number {
  if (op === 'Conv') return weights.slice(1).reduce((a, b) => a * b, 1);
  return weights[op === 'Gemm' && attributes.int('transB', 0) === 1 ? 1 : 0] ?? 0;
}

function patchesOf(node: Node, weights: readonly number[], input: readonly number[]): Patches {
  if (node.op !== 'Conv') return rowPatches(input.at(-1) ?? 0);
  return convPatches(node.attributes, input.slice(2), weights, input[1] ?? 0);
}
