import {
  AffineEncoding,
  type Dataset,
  type Executor,
  type Feeds,
  isFloat,
  type Model,
  type Node,
  Similarity,
  Tensor,
  toFloat32,
  type Value,
  weightSlots,
} from '@espalier/core';
import type { Change } from '../alone/change.js';
import { tryAlone } from '../alone/try-alone.js';
import { placesOf } from '../rounding/adaptive-tensor.js';
import { slicesOf } from '../weights/symmetric.js';
import { ActivationWatch } from './activation-watch.js';
import { addOutputs, outputsOf, similarityOf } from './compare-outputs.js';
import { activationFindings, type Finding, weightFindings } from './findings.js';
import { pause } from './pause.js';

/** How one quantized layer does. */
export interface LayerDiagnosis {
  /** Of the activation that the layer ends with. */
  readonly name: string;
  /** Of the node that computes it, the activation behind it left out. */
  readonly op: string;
  readonly node: string;
  /** null where it has none. */
  readonly weight: string | null;
  /** Of the activation, errors of all layers before included; Infinity where it is the same. */
  readonly sqnrDb: number;
  readonly cosine: number;
  /** SQNR of the model's outputs where this layer alone is quantized: the lower, the more it is to blame. NaN where not asked for. */
  readonly aloneDb: number;
  /** Share of the float values beyond the grid, 0 to 1. */
  readonly clipped: number;
  readonly findings: readonly Finding[];
}

/** A quantized model beside the float one. */
export interface Diagnosis {
  readonly data: string;
  readonly samples: number;
  readonly outputSqnrDb: number;
  /** In order of execution. */
  readonly layers: readonly LayerDiagnosis[];
}

/** What is compared, and on what. */
export interface DiagnosisRequest {
  /** In float, with the names of the quantized one. */
  readonly reference: Model;
  readonly quantized: Model;
  readonly executor: Executor;
  readonly data: Dataset;
  readonly samples: number;
  /** Heeded before each batch, with an AbortedError. */
  readonly signal?: AbortSignal;
  /** Whether each layer is tried alone, which takes a run of the model for each. Default true. */
  readonly alone?: boolean;
  /** Called before each layer is tried alone. */
  progress?(done: number, total: number): Promise<void> | void;
}

/** Samples run at a time: the activations of one batch are held. */
const batchSize = 8;

/**
 * Runs a quantized model beside the float one and tells for each layer how far it is off, how far the outputs are
 * off when it alone is quantized, and what is odd about its numbers.
 */
export async function diagnose(request: DiagnosisRequest): Promise<Diagnosis> {
  const { reference, quantized, data, samples, alone: wantsAlone = true } = request;
  const batches: Feeds[] = [];
  let count = 0;
  for await (const batch of data.batches(batchSize, samples)) {
    batches.push(batch.feeds);
    count += batch.count;
  }
  const watches = await watchAll(request, batches);
  const expected = await outputsOf(request, reference, batches);
  const outputs = await outputsOf(request, quantized, batches);
  const watched = [...watches].flatMap(([name, watch]) => {
    const value = quantized.graph.value(name);
    if (value === undefined) return [];
    const node = computing(quantized, value);
    return [{ value, watch, node, weight: node === undefined ? null : weightOf(node) }];
  });
  const alone = wantsAlone
    ? await similaritiesAlone(
        request,
        watched.map(({ value, weight }) => changeOf(value, weight)),
        batches,
      )
    : null;
  const layers = watched.map(({ value, watch, node, weight }, index): LayerDiagnosis => {
    const facts = watch.facts();
    return {
      name: value.name,
      op: node?.op ?? 'input',
      node: node?.name ?? '',
      weight: weight?.value.name ?? null,
      sqnrDb: watch.similarity.sqnrDb,
      cosine: watch.similarity.cosine,
      aloneDb: alone?.[index]?.sqnrDb ?? Number.NaN,
      clipped: facts.clipped,
      findings: [...(weight === null ? [] : oddWeights(weight)), ...activationFindings(facts)],
    };
  });
  const outputSqnrDb = similarityOf(expected, outputs).sqnrDb;
  return { data: data.name, samples: count, outputSqnrDb, layers };
}

/** Runs both models on all batches, side by side. By name, in order of execution. */
async function watchAll(
  { reference, quantized, executor, signal }: DiagnosisRequest,
  batches: readonly Feeds[],
): Promise<ReadonlyMap<string, ActivationWatch>> {
  const watches = new Map<string, ActivationWatch>();
  const ordered = [...quantized.graph.inputs, ...quantized.graph.nodes.flatMap(({ outputs }) => outputs)];
  for (const value of ordered) {
    const quantization = value?.type?.quantization;
    if (value == null || quantization === undefined || quantization.axis !== null) continue;
    if (reference.graph.value(value.name) !== undefined)
      watches.set(value.name, new ActivationWatch(quantization));
  }
  const names = new Set(watches.keys());
  const [before, after] = [await executor.prepare(reference), await executor.prepare(quantized)];
  try {
    for (const feeds of batches) {
      await pause(signal);
      for (const [name, tensor] of Object.entries(feeds)) {
        if (isFloat(tensor.type)) watches.get(name)?.seeReference(tensor);
      }
      await before.run(feeds, ({ name }, tensor) => watches.get(name)?.seeReference(tensor), names);
      await after.run(feeds, ({ name }, tensor) => watches.get(name)?.seeQuantized(tensor), names);
    }
  } finally {
    before.dispose();
    after.dispose();
  }
  return watches;
}

/** The node that does the work for a value: of a Relu or Clip that is computed with it, the one before. */
function computing({ graph }: Model, value: Value): Node | undefined {
  const node = graph.producer(value);
  const source = node?.inputs[0];
  const isClamp = node?.op === 'Relu' || node?.op === 'Clip';
  return isClamp && source != null && source.type?.quantization === undefined
    ? (graph.producer(source) ?? node)
    : node;
}

/** The quantized weights of a node, and their dimension of output channels. */
interface RoundedWeight {
  readonly value: Value;
  readonly axis: number | null;
}

function weightOf(node: Node): RoundedWeight | null {
  const slot = weightSlots(node).find(({ index }) => node.inputs[index]?.constant instanceof AffineEncoding);
  const value = node.inputs[slot?.index ?? -1];
  return slot === undefined || value == null ? null : { value, axis: slot.axis };
}

/** An activation on its grid, and the rounded weights of the layer that computes it. */
function changeOf({ name, type }: Value, weight: RoundedWeight | null): Change {
  const constant = weight?.value.constant ?? null;
  const rounded =
    constant === null ? null : new Tensor('float32', toFloat32(constant.decode()), constant.dims);
  const weights = weight === null || rounded === null ? null : { name: weight.value.name, rounded };
  return { value: name, grid: type?.quantization ?? null, weights };
}

/** Of the outputs, where one layer alone is quantized. */
async function similaritiesAlone(
  { reference, executor, signal, progress }: DiagnosisRequest,
  changes: readonly Change[],
  batches: readonly Feeds[],
): Promise<readonly Similarity[]> {
  const similarities = changes.map(() => new Similarity());
  let tried = 0;
  await tryAlone({
    executor,
    reference,
    changes,
    batches,
    async before() {
      await pause(signal);
      await progress?.(Math.floor(tried++ / Math.max(1, batches.length)), changes.length);
    },
    see: (change, expected, actual) => addOutputs(similarities[change], expected, actual),
  });
  return similarities;
}

function oddWeights({ value: { constant }, axis }: RoundedWeight): readonly Finding[] {
  if (axis === null || !(constant instanceof AffineEncoding) || constant.quantization.axis !== null)
    return [];
  const values = toFloat32(constant.decode());
  const layout = slicesOf(constant.dims, axis, values.length);
  const ranges = Array.from({ length: layout.slices }, (_, channel) =>
    placesOf(layout, channel).reduce((most, place) => Math.max(most, Math.abs(values[place] ?? 0)), 0),
  );
  return weightFindings(ranges, constant.quantization.scale[0] ?? 1);
}
