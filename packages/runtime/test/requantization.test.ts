import { affine, dense, Graph, int, ints, Model, quantization, Tensor, type Value } from '@espalier/core';
import { InferenceSession } from '@espalier/runtime';
import { describe, expect, test } from 'vitest';

const rules = ['onnx', 'tflite', 'tflite-double'] as const;
const grid = (scale: number, zeroPoint = 0) => quantization({ scale, zeroPoint });

/** A graph of one input on a grid of scale 1. */
function chain(
  dims: readonly number[],
  then: (graph: Graph, x: Value) => Value,
): { readonly graph: Graph; readonly model: Model } {
  const graph = new Graph();
  const x = graph.addInput('x', { dtype: 'float32', dims, quantization: grid(1) });
  graph.addOutput(then(graph, x));
  return { graph, model: new Model(graph) };
}

async function run(
  model: Model,
  requantization: (typeof rules)[number],
  x: Tensor,
  threads = 1,
): Promise<readonly number[]> {
  const session = await InferenceSession.create(model, { requantization, threads });
  const results = await session.run({ x });
  await session.release();
  return Array.from(Object.values(results)[0]?.data as Float32Array, Number);
}

function row(...values: number[]): Tensor {
  return new Tensor('float32', Float32Array.from(values), [1, values.length]);
}

/** x * 1 by a matrix of one column a row: the sum is x, and only its rounding tells the rules apart. */
function scaledBy(factor: number, n: number): Model {
  return chain([1, n], (graph, x) => {
    const weights = Int8Array.from({ length: n * n }, (_, i) => (i % (n + 1) === 0 ? 1 : 0));
    const w = graph.constant(affine(dense(new Tensor('int8', weights, [n, n])), grid(1)));
    return graph.apply({ op: 'MatMul', inputs: [x, w] }, 'y', {
      dtype: 'float32',
      dims: [1, n],
      quantization: grid(1 / factor),
    });
  }).model;
}

describe('the rules round', () => {
  const sums = row(-6, -5, -3, -2, -1, 1, 2, 3, 5, 6);
  // Results are codes times the scale of the output.
  const codes = async (rule: (typeof rules)[number], factor: number) =>
    (await run(scaledBy(factor, sums.size), rule, sums)).map((real) => Math.round(real * factor));

  test('halves to even, up, or twice and away from zero', async () => {
    expect(await codes('onnx', 0.5)).toEqual([-3, -2, -2, -1, 0, 0, 1, 2, 2, 3]);
    expect(await codes('tflite', 0.5)).toEqual([-3, -2, -1, -1, 0, 1, 1, 2, 3, 3]);
    expect(await codes('tflite-double', 0.5)).toEqual([-3, -2, -1, -1, 0, 1, 1, 2, 3, 3]);
  });

  test('what a first rounding has made a tie', async () => {
    expect(await codes('onnx', 0.25)).toEqual([-2, -1, -1, 0, 0, 0, 0, 1, 1, 2]);
    expect(await codes('tflite', 0.25)).toEqual([-1, -1, -1, 0, 0, 0, 1, 1, 1, 2]);
    expect(await codes('tflite-double', 0.25)).toEqual([-2, -1, -1, -1, 0, 1, 1, 1, 2, 2]);
  });
});

test('the rule of the session is taken before that of the model', async () => {
  const model = new Model(scaledBy(0.25, 1).graph, { requantization: 'tflite-double' });
  const session = await InferenceSession.create(model);
  expect((await session.run({ x: row(1) }))['y']?.data[0]).toBe(4);
  await session.release();
  expect(await run(model, 'tflite', row(1))).toEqual([0]);
});

test.each(rules)(
  'a ConvTranspose that makes tiles is a Conv for each place in them, by rule %s',
  async (rule) => {
    const [channels, outputs, taps] = [3, 2, 4];
    const code = (channel: number, output: number, tap: number) =>
      ((channel * 41 + output * 87 + tap * 23) % 255) - 127;
    const along = (axis: number) => quantization({ scale: Float32Array.of(0.021, 0.013), axis });
    const x = new Tensor(
      'float32',
      Float32Array.from({ length: 18 }, (_, i) => ((i * 91) % 255) - 127),
      [1, 3, 2, 3],
    );
    const made = (
      op: string,
      dims: readonly number[],
      axis: number,
      codes: readonly number[],
      strides: number,
    ) =>
      run(
        chain(x.dims, (graph, input) => {
          const w = graph.constant(
            affine(dense(new Tensor('int8', Int8Array.from(codes), dims)), along(axis)),
          );
          const b = graph.constant(new Tensor('float32', Float32Array.of(0.4, -1.1)));
          const type = { dtype: 'float32', dims: null, quantization: grid(0.7, 3) } as const;
          return graph.apply(
            { op, inputs: [input, w, b], attributes: { strides: ints([strides, strides]) } },
            'y',
            type,
          );
        }).model,
        rule,
        x,
      );
    const each = <T>(count: number, of: (i: number) => T): readonly T[] =>
      Array.from({ length: count }, (_, i) => of(i));
    const wide = each(channels, (c) => each(outputs, (o) => each(taps, (t) => code(c, o, t))).flat()).flat();
    const y = await made('ConvTranspose', [channels, outputs, 2, 2], 1, wide, 2);
    for (let tap = 0; tap < taps; tap++) {
      const one = each(outputs, (o) => each(channels, (c) => code(c, o, tap))).flat();
      const expected = await made('Conv', [outputs, channels, 1, 1], 0, one, 1);
      const there = each(expected.length, (i) => {
        const [output, row, column] = [Math.floor(i / 6), Math.floor(i / 3) % 2, i % 3];
        return y[(output * 4 + 2 * row + (tap >> 1)) * 6 + 2 * column + (tap & 1)];
      });
      expect(there).toEqual(expected);
    }
  },
);

describe('in the rules of TensorFlow Lite', () => {
  test('convolutions give the same on two threads', async () => {
    const { model } = chain([1, 8, 40, 40], (graph, x) => {
      const weights = Int8Array.from({ length: 16 * 8 * 9 }, (_, i) => ((i * 37) % 255) - 127);
      const w = graph.constant(affine(dense(new Tensor('int8', weights, [16, 8, 3, 3])), grid(0.01)));
      return graph.apply({ op: 'Conv', inputs: [x, w], attributes: { pads: ints([1, 1, 1, 1]) } }, 'y', {
        dtype: 'float32',
        dims: [1, 16, 40, 40],
        quantization: grid(3.3),
      });
    });
    const pixels = Float32Array.from({ length: 8 * 1600 }, (_, i) => ((i * 91) % 255) - 127);
    const x = new Tensor('float32', pixels, [1, 8, 40, 40]);
    for (const rule of ['tflite', 'tflite-double'] as const) {
      expect(await run(model, rule, x, 2)).toEqual(await run(model, rule, x));
    }
  });

  test('float32 is computed as ever', async () => {
    const graph = new Graph();
    const x = graph.addInput('x', { dtype: 'float32', dims: [1, 3] });
    graph.addOutput(graph.apply({ op: 'Exp', inputs: [x] }, 'y'));
    const model = new Model(graph);
    expect(await run(model, 'tflite', row(0, 1, -1))).toEqual(await run(model, 'onnx', row(0, 1, -1)));
  });

  test.each([
    { op: 'Concat', inputs: 2, why: /rule "tflite"/ },
    { op: 'Div', inputs: 2, why: /rule "tflite"/ },
    { op: 'Softmax', inputs: 1, why: /1\/256/ },
    { op: 'Transpose', inputs: 1, why: /rule "tflite"/ },
  ])('$op onto another grid is refused by name', async ({ op, inputs, why }) => {
    const { model } = chain([2, 2], (graph, x) =>
      graph.apply({ op, inputs: Array.from({ length: inputs }, () => x) }, 'y', {
        dtype: 'float32',
        dims: null,
        quantization: grid(0.3),
      }),
    );
    const session = InferenceSession.create(model, { requantization: 'tflite' });
    await expect(session).rejects.toThrow(new RegExp(`operator ${op} can't run`));
    await expect(session).rejects.toThrow(why);
  });

  test('ConvTranspose with groups is refused by name', async () => {
    const { model } = chain([1, 2, 3, 3], (graph, x) => {
      const w = graph.constant(affine(dense(new Tensor('int8', Int8Array.of(1, 2), [2, 1, 1, 1])), grid(1)));
      return graph.apply({ op: 'ConvTranspose', inputs: [x, w], attributes: { group: int(2) } }, 'y', {
        dtype: 'float32',
        dims: [1, 2, 3, 3],
        quantization: grid(1),
      });
    });
    const session = InferenceSession.create(model, { requantization: 'tflite' });
    await expect(session).rejects.toThrow(/groups have no form in int8/);
  });
});
