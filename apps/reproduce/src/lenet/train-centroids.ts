import {
  CodebookEncoding,
  dense,
  type Encoding,
  elementCount,
  type Model,
  positionsOf,
  SparseEncoding,
  Tensor,
  toFloat32,
} from '@espalier/core';
import { adam, type ClusterConstraint, cosine, softmaxCrossEntropy, Trainer } from '@espalier/train';
import { digitsFor, shiftDigits } from './digits-for.js';
import type { TrainingRun } from './prune-and-retrain.js';

/** How shared values are trained. */
export interface CentroidTraining {
  readonly epochs: number;
  readonly learningRate: number;
  /** Pixels by which digits are shifted, at most. */
  readonly shift: number;
  /** Whether biases are trained too. */
  readonly biases: boolean;
}

/**
 * Trains the centroids of shared weights, whose gradient is the sum over the weights that share them: Deep
 * Compression, equation 3. Zeros stay zeros, and indices stay as they are.
 */
export async function trainCentroids(
  original: Model,
  { epochs, learningRate, shift, biases }: CentroidTraining,
  { network, mnist, seed, threads = 1 }: TrainingRun,
): Promise<Model> {
  const model = original.clone();
  const shared = new Map<string, ClusterConstraint>();
  for (const { name, encoding } of model.weights()) {
    const constraint = clustersOf(encoding);
    if (constraint !== null) shared.set(name, constraint);
  }
  const trees = new Map(model.weights().map(({ name, encoding }) => [name, encoding]));
  const trainer = await Trainer.create(model, {
    loss: softmaxCrossEntropy(),
    optimizer: adam({ learningRate }),
    batchSize: 64,
    seed,
    threads,
    trainable: (name) => biases || !name.endsWith('.bias'),
    constraints: Object.fromEntries(shared),
  });
  await trainer.fit(digitsFor(network, mnist.train), {
    epochs,
    schedule: cosine({ floor: 0.01 }),
    augment: shiftDigits(shift),
  });
  const centroids = new Map([...shared.keys()].map((name) => [name, trainer.centroids(name)]));
  trainer.writeBack((name, weight) => {
    const [tree, trained] = [trees.get(name), centroids.get(name)];
    return tree === undefined || trained == null ? dense(weight) : withCentroids(tree, trained);
  });
  trainer.release();
  return model;
}

/** The codebook of a weight that is sparse, or dense, over one; null where it has none. */
function codebookOf(encoding: Encoding): CodebookEncoding | null {
  const inner = encoding instanceof SparseEncoding ? encoding.children.values : encoding;
  return inner instanceof CodebookEncoding && inner.axis === null ? inner : null;
}

/** Index 0 is the zero of a sparse weight; the codebook's own follow. */
function clustersOf(encoding: Encoding): ClusterConstraint | null {
  const book = codebookOf(encoding);
  if (book === null) return null;
  const centroids = toFloat32(book.children.centroids.decode());
  const codes = book.children.indices.decode().data as Uint8Array; // a codebook's indices are uint8
  if (!(encoding instanceof SparseEncoding)) {
    return {
      indices: Uint8Array.from(codes, (code) => code + 1),
      centroids: Float32Array.of(0, ...centroids),
      zero: 0,
    };
  }
  const indices = new Uint8Array(elementCount(encoding.dims));
  const gaps = encoding.children.gaps.decode().data as Uint8Array; // `sparse` checked it
  const places = positionsOf(gaps, encoding.skip);
  for (let i = 0; i < places.length; i++) indices[places[i] ?? 0] = (codes[i] ?? 0) + 1;
  return { indices, centroids: Float32Array.of(0, ...centroids), zero: 0 };
}

/** The same tree over other centroids; `trained` begins with the zero. */
function withCentroids(encoding: Encoding, trained: Float32Array): Encoding {
  const book = codebookOf(encoding);
  if (book === null) return encoding;
  const centroids = dense(new Tensor('float32', trained.slice(1), [trained.length - 1]));
  const changed = book.withChildren({ centroids });
  return encoding instanceof SparseEncoding ? encoding.withChildren({ values: changed }) : changed;
}
