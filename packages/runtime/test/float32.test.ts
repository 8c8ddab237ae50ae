import { Tensor } from '@espalier/core';
import { parseModel } from '@espalier/plugin-kit';
import { InferenceSession } from '@espalier/runtime';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compare } from './support/compare.js';
import { numbers, reals } from './support/one-op.js';

describe('float32 steps agree with the plain operators', () => {
  test('ConvTranspose with any kernel, stride, dilation and padding', async () => {
    const shapes = fc.record({
      seed: fc.integer(),
      kernel: fc.integer({ min: 1, max: 3 }),
      stride: fc.integer({ min: 1, max: 3 }),
      dilation: fc.integer({ min: 1, max: 2 }),
      pad: fc.integer({ min: 0, max: 1 }),
      extra: fc.integer({ min: 0, max: 1 }),
      channels: fc.integer({ min: 1, max: 5 }),
      outputs: fc.integer({ min: 1, max: 5 }),
      size: fc.integer({ min: 3, max: 6 }),
      groups: fc.constantFrom(1, 1, 2),
    });
    await fc.assert(
      fc.asyncProperty(
        shapes,
        async ({ seed, kernel, stride, dilation, pad, extra, size, groups, ...shape }) => {
          const [channels, outputs] = [shape.channels * groups, shape.outputs * groups];
          fc.pre(extra < Math.max(stride, dilation));
          const model = parseModel(`
          input x: float32[2, ${channels}, ${size}, ${size + 1}]
          constant w: float32[${channels}, ${shape.outputs}, ${kernel}, ${kernel}] = random(3)
          constant b: float32[${outputs}] = random(4)
          h = ConvTranspose(x, w, b) { strides: [${stride}, ${stride}], dilations: [${dilation}, ${dilation}], pads: [${pad}, ${pad}, ${pad}, ${pad}], output_padding: [${extra}, ${extra}], group: ${groups} }
          y = Relu(h)
          output y
        `);
          const x = reals(numbers(seed), [2, channels, size, size + 1]);
          expect(await compare(model, { x }, 'ConvTranspose')).toBe('float32');
        },
      ),
      { numRuns: 40 },
    );
  });

  test('Conv, by groups and by channel, over rows and images', async () => {
    for (const [dims, weights, attributes] of [
      ['2, 4, 7, 6', '6, 4, 3, 3', 'pads: [1, 1, 1, 1], strides: [2, 1]'],
      ['1, 6, 7, 6', '4, 3, 2, 3', 'group: 2, dilations: [2, 2]'],
      ['2, 5, 8, 8', '5, 1, 3, 3', 'group: 5, pads: [1, 1, 1, 1]'],
      ['2, 5, 9', '3, 5, 4', 'auto_pad: "SAME_UPPER", strides: [2]'],
    ] as const) {
      const model = parseModel(`
        input x: float32[${dims}]
        constant w: float32[${weights}] = random(1)
        constant low: float32[] = [-0.5]
        constant high: float32[] = [0.75]
        h = Conv(x, w) { ${attributes} }
        y = Clip(h, low, high)
        output y
      `);
      const x = reals(numbers(2), dims.split(',').map(Number));
      expect(await compare(model, { x }, 'Conv')).toBe('float32');
    }
  });

  test('sums of what follows a Conv and of a map of lower rank, with rows and columns of its own', async () => {
    for (const [op, dims] of [
      ['Add', '5, 6'],
      ['Mul', '1, 5, 6'],
      ['Sub', '3, 5, 1'],
      ['Div', '1, 6'],
    ] as const) {
      const model = parseModel(`
        input x: float32[2, 3, 5, 6]
        constant w: float32[3, 3, 1, 1] = random(1)
        constant map: float32[${dims}] = random(2)
        h = Conv(x, w)
        y = ${op}(h, map)
        output y
      `);
      expect(await compare(model, { x: reals(numbers(3), [2, 3, 5, 6]) }, op)).toBe('float32');
    }
  });

  test('chains in either layout: what follows a Conv works channels-last', async () => {
    const model = parseModel(`
      input x: float32[2, 3, 6, 6]
      constant w: float32[4, 3, 3, 3] = random(1)
      constant scale: float32[4] = random(2)
      constant shift: float32[4] = random(3)
      constant mean: float32[4] = random(4)
      constant variance: float32[4] = fill(0.5)
      constant add: float32[4, 1, 1] = random(5)
      constant row: float32[6] = random(6)
      constant starts: int64[2] = [0, 1]
      constant ends: int64[2] = [6, 4]
      constant axes: int64[2] = [-1, 1]
      constant steps: int64[2] = [2, 1]
      constant pads: int64[8] = [0, 1, 0, 1, 0, 0, 2, 0]
      constant scales: float32[4] = [1, 1, 2, 2]
      c = Conv(x, w) { pads: [1, 1, 1, 1] }
      n = BatchNormalization(c, scale, shift, mean, variance)
      a = Add(n, add)
      b = Mul(row, a)
      s = Sigmoid(b)
      d = Sub(a, s)
      j = Concat(d, a) { axis: 1 }
      l = Slice(j, starts, ends, axes, steps)
      p = Pad(l, pads)
      r = Resize(p, _, scales) { mode: "linear" }
      m = MaxPool(r) { kernel_shape: [2, 2], strides: [2, 2] }
      v = AveragePool(m) { kernel_shape: [2, 2], count_include_pad: 1, pads: [1, 1, 0, 0] }
      g = GlobalAveragePool(v)
      output j
      output p
      output r
      output v
      output g
    `);
    expect(await compare(model, { x: reals(numbers(8), [2, 3, 6, 6]) }, 'AveragePool')).toBe('float32');
  });

  test.each([
    { a: '5, 7', b: '7, 3' },
    { a: '2, 5, 7', b: '2, 7, 3' },
    { a: '2, 1, 5, 7', b: '3, 7, 3' },
    { a: '1, 5, 7', b: '2, 4, 7, 3' },
  ])('MatMul of [$a] by [$b], as activations and as weights', async ({ a, b }) => {
    const x = reals(numbers(1), a.split(',').map(Number));
    const w = reals(numbers(2), b.split(',').map(Number));
    const both = parseModel(`
      input x: float32[${a}]
      input w: float32[${b}]
      y = MatMul(x, w)
      output y
    `);
    expect(await compare(both, { x, w }, 'MatMul')).toBe('float32');
    const weights = parseModel(`
      input x: float32[${a}]
      constant w: float32[${b}] = random(2)
      y = MatMul(x, w)
      output y
    `);
    expect(await compare(weights, { x }, 'MatMul')).toBe('float32');
  });

  test('Gemm, scaled, transposed, with a bias of any form', async () => {
    for (const [w, b, attributes, implementation] of [
      ['7, 4', '4', 'alpha: 0.5, beta: 2.0', 'float32'],
      ['4, 7', '1, 4', 'transB: 1', 'float32'],
      ['7, 4', '1', '', 'float32'],
      ['7, 4', '5, 1', '', 'typescript'],
    ] as const) {
      const model = parseModel(`
        input x: float32[5, 7]
        constant w: float32[${w}] = random(1)
        constant b: float32[${b}] = random(2)
        y = Gemm(x, w, b)${attributes === '' ? '' : ` { ${attributes} }`}
        output y
      `);
      expect(await compare(model, { x: reals(numbers(3), [5, 7]) }, 'Gemm')).toBe(implementation);
    }
  });

  test('HardSigmoid and HardSwish, alone, clamped, and behind a Conv', async () => {
    const operators = [
      'HardSwish(x)',
      'HardSigmoid(x)',
      'HardSigmoid(x) { alpha: 0.3, beta: 0.4 }',
      'HardSwish(x)',
    ];
    for (const [i, operator] of operators.entries()) {
      const clamped = i === 3 ? 'Relu(h)' : 'Identity(h)';
      const model = parseModel(`
        input x: float32[2, 3, 5, 7]
        h = ${operator}
        y = ${clamped}
        output y
      `);
      const x = new Tensor(
        'float32',
        Float32Array.from({ length: 210 }, (_, j) => (j - 105) / 10),
        [2, 3, 5, 7],
      );
      expect(await compare(model, { x }, operator.slice(0, operator.indexOf('(')))).toBe('float32');
    }
    const behind = parseModel(`
      input x: float32[1, 3, 5, 7]
      constant w: float32[4, 3, 1, 1] = random(5)
      h = Conv(x, w)
      y = HardSwish(h)
      output y
    `);
    expect(await compare(behind, { x: reals(numbers(1), [1, 3, 5, 7]) }, 'HardSwish')).toBe('float32');
  });

  test('weights that are computed from constants are constants', async () => {
    const model = parseModel(`
      input x: float32[1, 3, 5, 5]
      constant w: float32[3, 3, 3, 4] = random(1)
      t = Transpose(w) { perm: [3, 2, 0, 1] }
      y = Conv(x, t)
      output y
    `);
    expect(await compare(model, { x: reals(numbers(5), [1, 3, 5, 5]) }, 'Conv')).toBe('float32');
  });

  test('empty batches give empty results', async () => {
    const model = parseModel(`
      input x: float32[N, 2, 4, 4]
      constant w: float32[3, 2, 3, 3] = random(1)
      h = Conv(x, w)
      r = Relu(h)
      y = Add(r, r)
      output y
    `);
    const session = await InferenceSession.create(model);
    const { y } = await session.run({ x: new Tensor('float32', new Float32Array(0), [0, 2, 4, 4]) });
    expect(y?.dims).toEqual([0, 3, 2, 2]);
  });
});
