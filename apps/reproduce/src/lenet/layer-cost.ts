import { type Encoding, elementCount, type Model, walkEncoding } from '@espalier/core';

/** What the weights of one layer cost, told as in Deep Compression's tables 2 and 3. */
export interface LayerCost {
  readonly layer: string;
  /** Weights of the dense layer. */
  readonly weights: number;
  /** Weights that are not zero. */
  readonly kept: number;
  /** Bits that tell the value of a kept weight, codebook aside. */
  readonly weightBits: number;
  /** Bits that tell the place of a kept weight; 0 for a dense tensor. */
  readonly indexBits: number;
  /** Bytes of the codebook. */
  readonly codebookBytes: number;
  /** Everything of the weight's tree: values, places, codebook, counts. */
  readonly bytes: number;
  /** bytes / (4 bytes a dense weight), in percent: the paper's compress rate. */
  readonly ratePercent: number;
}

/** The bytes that a tree spends on each of its three questions: which value, which place, which shared values. */
interface Spent {
  values: number;
  places: number;
  codebook: number;
}

/**
 * One row for each weight tensor, in the order in which they compute.
 *
 * @param original - the network that rates are told against, where units were removed
 */
export function layerCosts(model: Model, original: Model = model): readonly LayerCost[] {
  const sizes = new Map(original.weights().map(({ name, encoding }) => [name, elementCount(encoding.dims)]));
  return model.weights().map(({ name, encoding }) => {
    const values = encoding.decode().data;
    let kept = 0;
    for (let i = 0; i < values.length; i++) if (values[i] !== 0) kept++;
    const spent = spentBy(encoding);
    return cost(
      name.replace(/\.weight$/, ''),
      sizes.get(name) ?? values.length,
      kept,
      spent,
      encoding.byteLength,
    );
  });
}

/** All layers together. */
export function totalCost(rows: readonly LayerCost[]): LayerCost {
  const sum = (of: (row: LayerCost) => number): number => rows.reduce((total, row) => total + of(row), 0);
  const spent: Spent = {
    values: sum((row) => (row.weightBits * row.kept) / 8),
    places: sum((row) => (row.indexBits * row.kept) / 8),
    codebook: sum((row) => row.codebookBytes),
  };
  return cost(
    'total',
    sum((row) => row.weights),
    sum((row) => row.kept),
    spent,
    sum((row) => row.bytes),
  );
}

function cost(layer: string, weights: number, kept: number, spent: Spent, bytes: number): LayerCost {
  return {
    layer,
    weights,
    kept,
    weightBits: kept === 0 ? 0 : (8 * spent.values) / kept,
    indexBits: kept === 0 ? 0 : (8 * spent.places) / kept,
    codebookBytes: spent.codebook,
    bytes,
    ratePercent: (100 * bytes) / (4 * weights),
  };
}

function spentBy(encoding: Encoding): Spent {
  const spent: Spent = { values: 0, places: 0, codebook: 0 };
  for (const { encoding: part, path } of walkEncoding(encoding)) {
    if (Object.keys(part.children).length > 0) continue;
    if (path.includes('centroids')) spent.codebook += part.byteLength;
    else if (path.includes('gaps')) spent.places += part.byteLength;
    else spent.values += part.byteLength;
  }
  return spent;
}

/** Weights of all layers, dense. */
export function weightCount(model: Model): number {
  return model.weights().reduce((sum, { encoding }) => sum + elementCount(encoding.dims), 0);
}
