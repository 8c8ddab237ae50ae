import {
  codebook,
  dense,
  type Encoding,
  float,
  Graph,
  inferShapes,
  int,
  Model,
  Tensor,
} from '@espalier/core';
import { InferenceSession } from '@espalier/runtime';
import { expect, test } from 'vitest';
import { numbers, reals } from './support/one-op.js';

const [k, n] = [29, 18];

/** Indices of 5 centroids, in a codebook for all or one for each slice along `axis`. */
function shared(dims: readonly number[], axis: number | null): Encoding {
  const next = numbers(11);
  const indices = Uint8Array.from({ length: k * n }, () => Math.floor(next() * 5));
  const centroidDims = axis === null ? [5] : [dims[axis] ?? 0, 5];
  return codebook(dense(reals(next, centroidDims)), dense(new Tensor('uint8', indices, dims)), axis);
}

async function run(op: 'Gemm' | 'MatMul', weights: Encoding): Promise<unknown> {
  const graph = new Graph('shared');
  const x = graph.addInput('x', { dtype: 'float32', dims: [3, k] });
  const attributes = op === 'Gemm' ? { transB: int(1), alpha: float(0.3) } : {};
  graph.addOutput(graph.apply({ op, name: op, inputs: [x, graph.constant(weights)], attributes }, 'y'));
  const model = new Model(graph);
  inferShapes(model);
  const session = await InferenceSession.create(model);
  return (await session.run({ x: reals(numbers(5), [3, k]) }))['y'];
}

const layouts = [null, 0, 1].flatMap((axis) => [
  { op: 'Gemm' as const, dims: [n, k], axis },
  { op: 'MatMul' as const, dims: [k, n], axis },
]);
test.each(layouts)(
  '$op by weights shared along axis $axis gives the bits of what they decode to',
  async (one) => {
    const weights = shared(one.dims, one.axis);
    expect(await run(one.op, weights)).toEqual(await run(one.op, dense(weights.decode())));
  },
);
