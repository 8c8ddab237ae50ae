import {
  int,
  ints,
  type Model,
  type Quantization,
  Tensor,
  UnsupportedError,
  type Value,
} from '@espalier/core';
import { InferenceSession } from '@espalier/runtime';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { runOnEveryBinary } from './support/binaries.js';
import { integerWeights, numbers, oneOp, onGrid, q, reals, reference } from './support/one-op.js';

const widths = fc.constantFrom(
  { x: q(1 / 8000, 0, 'int16'), y: q(1 / 3000, 0, 'int16') },
  { x: q(1 / 8000, -700, 'int16'), y: q(1 / 3000, 1200, 'int16') },
  { x: q(1 / 8000, 30000, 'uint16'), y: q(1 / 3000, 32768, 'uint16') },
  { x: q(1 / 8000, 0, 'int16'), y: q(0.05, -10) },
  { x: q(0.02, 5), y: q(1 / 3000, 0, 'int16') },
  { x: q(0.02, 100, 'uint8'), y: q(1 / 3000, 0, 'int16') },
);

/** Reals on a grid: codes of all its range in the middle. */
function fed(next: () => number, dims: readonly number[], grid: Quantization): Tensor {
  const [scale = 1, zero = 0] = [grid.scale[0], grid.zeroPoint[0]];
  const [low, high] = { int8: [-128, 127], uint8: [0, 255], int16: [-9000, 9000], uint16: [20000, 45000] }[
    grid.storageType as 'int8'
  ] as [number, number];
  const { data } = reals(next, dims);
  return new Tensor(
    'float32',
    data.map((real) => scale * (Math.round(low + ((real + 1) / 2) * (high - low)) - zero)),
    dims,
  );
}

/** Codes apart from the meaning of the IR, at most; by the integer kernels. */
async function worstCode(model: Model, feeds: Readonly<Record<string, Tensor>>): Promise<number> {
  const { outputs, plan } = await runOnEveryBinary(model, feeds);
  expect(plan.map(({ implementation }) => implementation)).toEqual(['int16']);
  const y = model.graph.outputs[0] as Value;
  const scale = y.type?.quantization?.scale[0] ?? 1;
  const expected = reference(model, feeds).get(y.name);
  expect(outputs[y.name]?.dims).toEqual(expected?.dims);
  const right = clamped(expected as Tensor, y.type?.quantization as Quantization);
  const apart = Array.from(outputs[y.name]?.data as Float32Array, (real, i) =>
    Math.round(Math.abs(real - (right[i] ?? 0)) / scale),
  );
  return Math.max(0, ...apart);
}

/** Held to the ends of a grid. */
function clamped({ data }: Tensor, { scale, zeroPoint, storageType }: Quantization): readonly number[] {
  const [low, high] = { int8: [-128, 127], uint8: [0, 255], int16: [-32768, 32767], uint16: [0, 65535] }[
    storageType as 'int8'
  ] as [number, number];
  const [step = 1, zero = 0] = [scale[0], zeroPoint[0]];
  return Array.from(data as Float32Array, (real) =>
    Math.min(Math.max(real, step * (low - zero)), step * (high - zero)),
  );
}

describe('products of int16 agree with quantize(op(dequantize(x))) within one code', () => {
  test('Conv with any kernel, stride, padding and groups, between 8 and 16 bits', async () => {
    const shapes = fc.record({
      ...{ seed: fc.integer(), batch: fc.integer({ min: 1, max: 2 }), groups: fc.constantFrom(1, 1, 2, 4) },
      ...{ perGroup: fc.integer({ min: 1, max: 5 }), outPerGroup: fc.integer({ min: 1, max: 5 }), widths },
      ...{ kernel: fc.integer({ min: 1, max: 3 }), stride: fc.integer({ min: 1, max: 2 }) },
      ...{ pad: fc.integer({ min: 0, max: 1 }), size: fc.integer({ min: 3, max: 9 }) },
      ...{ hasBias: fc.boolean(), perChannel: fc.boolean() },
    });
    await fc.assert(
      fc.asyncProperty(shapes, async (s) => {
        const next = numbers(s.seed);
        const dims = [s.batch, s.groups * s.perGroup, s.size, s.size + 2];
        const outputs = s.groups * s.outPerGroup;
        const model = oneOp({
          op: 'Conv',
          attributes: {
            ...{ group: int(s.groups), strides: ints([s.stride, s.stride]) },
            ...{ pads: ints([s.pad, s.pad, s.pad, s.pad]), kernel_shape: ints([s.kernel, s.kernel]) },
          },
          inputs: (graph) => [
            onGrid(graph, 'x', s.widths.x, dims),
            integerWeights(graph, next, [outputs, s.perGroup, s.kernel, s.kernel], s.perChannel ? 0 : null),
            s.hasBias ? graph.constant(reals(next, [outputs]), 'b') : null,
          ],
          output: s.widths.y,
        });
        expect(await worstCode(model, { x: fed(next, dims, s.widths.x) })).toBeLessThanOrEqual(1);
      }),
      { numRuns: 40 },
    );
  });

  test('ConvTranspose', async () => {
    const next = numbers(3);
    const [x, y] = [q(1 / 8000, 0, 'int16'), q(1 / 3000, 90, 'int16')];
    const dims = [1, 5, 4, 6];
    const model = oneOp({
      op: 'ConvTranspose',
      attributes: { strides: ints([2, 2]), pads: ints([1, 0, 1, 0]) },
      inputs: (graph) => [onGrid(graph, 'x', x, dims), integerWeights(graph, next, [5, 7, 3, 3], null)],
      output: y,
    });
    expect(await worstCode(model, { x: fed(next, dims, x) })).toBeLessThanOrEqual(1);
  });

  test('Gemm, and MatMul by weights and by another activation', async () => {
    const shapes = fc.record({
      ...{ seed: fc.integer(), widths, kind: fc.constantFrom('Gemm', 'MatMul', 'activations') },
      ...{ m: fc.integer({ min: 1, max: 6 }), n: fc.integer({ min: 1, max: 20 }) },
      k: fc.constantFrom(1, 2, 7, 64, 700),
    });
    await fc.assert(
      fc.asyncProperty(shapes, async ({ seed, kind, m, n, k, widths: { x, y } }) => {
        const next = numbers(seed);
        const b = q(1 / 4000, 17, 'int16');
        // Sums grow with their length; so do the steps.
        const output = { ...y, scale: y.scale.map((scale) => scale * Math.sqrt(k)) };
        const model = oneOp({
          op: kind === 'Gemm' ? kind : 'MatMul',
          inputs: (graph) => [
            onGrid(graph, 'x', x, [m, k]),
            kind === 'activations'
              ? onGrid(graph, 'b', b, [k, n])
              : integerWeights(graph, next, [k, n], kind === 'Gemm' ? 1 : null),
            ...(kind === 'Gemm' ? [graph.constant(reals(next, [n]), 'c')] : []),
          ],
          output,
        });
        const feeds = {
          x: fed(next, [m, k], x),
          ...(kind === 'activations' ? { b: fed(next, [k, n], b) } : {}),
        };
        expect(await worstCode(model, feeds)).toBeLessThanOrEqual(1);
      }),
      { numRuns: 40 },
    );
  });
});

test('two threads give the bits of one', async () => {
  const next = numbers(9);
  const [x, y] = [q(1 / 8000, 0, 'int16'), q(1 / 3000, 0, 'int16')];
  const dims = [1, 16, 40, 40];
  const model = oneOp({
    op: 'Conv',
    attributes: { kernel_shape: ints([3, 3]) },
    inputs: (graph) => [onGrid(graph, 'x', x, dims), integerWeights(graph, next, [32, 16, 3, 3], 0)],
    output: y,
  });
  const results: Float32Array[] = [];
  for (const threads of [1, 2]) {
    const session = await InferenceSession.create(model, { threads });
    const { y: found } = await session.run({ x: fed(numbers(4), dims, x) });
    results.push(found?.data as Float32Array);
    await session.release();
  }
  expect(results[1]).toEqual(results[0]);
});

test('what the rules of TensorFlow Lite have no kernel for is refused by name', async () => {
  const x = q(1 / 8000, 0, 'int16');
  const refused = async (op: string, y: Quantization): Promise<void> => {
    const model = oneOp({ op, inputs: (graph) => [onGrid(graph, 'x', x, [1, 4])], output: y });
    const created = InferenceSession.create(model, { requantization: 'tflite' });
    await expect(created).rejects.toThrow(UnsupportedError);
    await expect(created).rejects.toThrow(new RegExp(op));
  };
  await refused('HardSwish', q(1 / 8000, 0, 'int16'));
  await refused('Sigmoid', q(2 ** -14, 0, 'int16'));
  await refused('Softmax', q(1 / 256, -128));
});
