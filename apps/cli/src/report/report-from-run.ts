import {
  type CodebookEncoding,
  describeEncoding,
  type Encoding,
  elementCount,
  type LayerDrift,
  type Model,
  Similarity,
  toNumbers,
  type Weight,
  walkEncoding,
} from '@espalier/core';
import { weightHistogram } from './histogram.js';
import type { ReportLayer, WeightHistogram } from './report-data.js';

/**
 * Rows of the table of weights, in the order in which they compute.
 *
 * @param outputs - what the layers' outputs lost, by value of `result`; empty where there was no data
 */
export function reportLayers(
  reference: Model,
  result: Model,
  outputs: readonly LayerDrift[],
): readonly ReportLayer[] {
  const originals = weightsByName(reference);
  const losses = new Map(outputs.map(({ name, sqnrDb }) => [name, sqnrDb]));
  return result.weights().map((weight): ReportLayer => {
    const values = toNumbers(weight.decode());
    const original = counterpart(originals, weight);
    return {
      name: weight.name,
      op: weight.op,
      dims: weight.encoding.dims,
      parameters: values.length,
      encoding: describeEncoding(weight.encoding),
      // Without a counterpart: what it would take as float32.
      bytesBefore: originals.get(weight.name)?.encoding.byteLength ?? elementCount(weight.encoding.dims) * 4,
      bytesAfter: weight.encoding.byteLength,
      density: density(values),
      weightSqnrDb: original === undefined ? null : weightSqnr(original, weight, values),
      outputSqnrDb: losses.get(weight.node.outputs[0]?.name ?? '') ?? null,
    };
  });
}

/** Histograms of all weights that changed, those of the most elements first. */
export function reportHistograms(reference: Model, result: Model): readonly WeightHistogram[] {
  const originals = weightsByName(reference);
  return result
    .weights()
    .map((weight) => ({ weight, original: counterpart(originals, weight) }))
    .filter(({ weight, original }) => original !== undefined && original.encoding !== weight.encoding)
    .sort((a, b) => elementCount(b.weight.encoding.dims) - elementCount(a.weight.encoding.dims))
    .map(({ weight, original }) => {
      const before = original === undefined ? [] : toNumbers(original.decode());
      return weightHistogram(weight.name, before, toNumbers(weight.decode()), centroidsOf(weight.encoding));
    });
}

function weightsByName(model: Model): ReadonlyMap<string, Weight> {
  return new Map(model.weights().map((weight) => [weight.name, weight]));
}

function counterpart(originals: ReadonlyMap<string, Weight>, weight: Weight): Weight | undefined {
  const original = originals.get(weight.name);
  return original?.encoding.dims.join() === weight.encoding.dims.join() ? original : undefined;
}

function weightSqnr(original: Weight, weight: Weight, values: ArrayLike<number>): number {
  if (original.encoding === weight.encoding) return Infinity;
  const similarity = new Similarity();
  similarity.add(toNumbers(original.decode()), values);
  return similarity.sqnrDb;
}

function density(values: ArrayLike<number>): number {
  let kept = 0;
  for (let i = 0; i < values.length; i++) if (values[i] !== 0) kept++;
  return values.length === 0 ? 1 : kept / values.length;
}

/** Centroids of a whole tensor; none where every channel has its own, which no picture could show. */
function centroidsOf(tree: Encoding): readonly number[] {
  for (const { encoding } of walkEncoding(tree)) {
    if (encoding.kind !== 'codebook' || (encoding as CodebookEncoding).axis !== null) continue; // told by its kind
    const centroids = encoding.children['centroids']?.decode();
    return centroids === undefined ? [] : Array.from(toNumbers(centroids));
  }
  return [];
}
