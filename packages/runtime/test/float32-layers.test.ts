import { ShapeError } from '@espalier/core';
import { parseModel } from '@espalier/plugin-kit';
import { InferenceSession } from '@espalier/runtime';
import { describe, expect, test } from 'vitest';
import { compare } from './support/compare.js';
import { numbers, reals } from './support/one-op.js';

const shapes: readonly (readonly number[])[] = [
  [2, 7],
  [3, 1, 5],
  [2, 5, 4, 3],
  [1, 3, 2, 4, 3],
];

/** Feeds x to `line`, which makes y, behind nothing and behind a Conv, whose result stands channels-last. */
async function ranks(op: string, line: (dims: readonly number[]) => string | null): Promise<unknown[]> {
  const found: unknown[] = [];
  for (const dims of shapes) {
    const node = line(dims);
    if (node === null) continue;
    const [channels = 1] = dims.slice(1);
    const isImage = dims.length === 4;
    const conv = `constant w: float32[${channels}, ${channels}, 1, 1] = random(5)\n h = Conv(x, w)`;
    for (const source of isImage ? ['h = Identity(x)', conv] : ['h = Identity(x)']) {
      const model = parseModel(`
        input x: float32[${dims.join(', ')}]
        constant parameter: float32[${dims.at(-1)}] = random(7)
        constant channel: float32[${channels}] = random(8)
        constant low: float32[] = [0.25]
        ${source}
        ${node}
        output y
      `);
      found.push(await compare(model, { x: reals(numbers(3), dims, 3) }, op));
    }
  }
  return found;
}

const every = <T>(values: readonly T[]): Set<T> => new Set(values);

describe('float32 kernels agree with the plain operators, in both layouts', () => {
  test.each([
    'Abs',
    'Ceil',
    'Celu',
    'Elu',
    'Erf',
    'Exp',
    'Floor',
    'Gelu',
    'LeakyRelu',
    'Mish',
    'Neg',
    'Round',
    'Selu',
    'Sigmoid',
    'Sign',
    'Softplus',
    'Softsign',
    'Swish',
    'Tanh',
    'ThresholdedRelu',
  ])('%s', async (op) => {
    expect(every(await ranks(op, () => `y = ${op}(h)`))).toEqual(new Set(['float32']));
  });

  test('Celu, and PRelu with slopes of each shape that fits', async () => {
    const celu = await ranks('Celu', () => 'y = Celu(h) { alpha: 2.5 }');
    const prelu = await ranks('PRelu', () => 'p = PRelu(h, low)\n y = PRelu(p, parameter)');
    expect(every([...celu, ...prelu])).toEqual(new Set(['float32']));
  });

  test('a slope of PRelu that is larger than its input is refused', async () => {
    const model = parseModel(`
      input x: float32[1, 4]
      input slope: float32[3, 4]
      y = PRelu(x, slope)
      output y
    `);
    const session = await InferenceSession.create(model);
    const feeds = { x: reals(numbers(1), [1, 4]), slope: reals(numbers(2), [3, 4]) };
    await expect(session.run(feeds)).rejects.toThrow(ShapeError);
  });

  test.each([
    'half_pixel',
    'half_pixel_symmetric',
    'pytorch_half_pixel',
    'align_corners',
    'asymmetric',
    'tf_crop_and_resize',
  ])('Resize, linear and cubic, %s', async (coordinates) => {
    const found: unknown[] = [];
    for (const attributes of [
      'mode: "linear"',
      'mode: "cubic"',
      'mode: "linear", antialias: 1',
      'mode: "cubic", exclude_outside: 1',
    ]) {
      const more = coordinates === 'tf_crop_and_resize' ? ', extrapolation_value: 3.5' : '';
      found.push(
        ...(await ranks('Resize', (dims) => {
          const scales = dims.map((_, axis) => (axis < 2 ? 1 : axis % 2 === 0 ? 1.75 : 0.6));
          const roi = [
            ...dims.map((_, axis) => (axis < 2 ? 0 : 0.2)),
            ...dims.map((_, axis) => (axis < 2 ? 1 : 1.3)),
          ];
          if (dims.length < 3) return null;
          return `constant roi: float32[${roi.length}] = [${roi.join(', ')}]
            constant scales: float32[${scales.length}] = [${scales.join(', ')}]
            y = Resize(h, roi, scales) { ${attributes}, coordinate_transformation_mode: "${coordinates}"${more} }`;
        })),
      );
    }
    expect(every(found)).toEqual(new Set(['float32']));
  });

  test('Gelu in its tanh form, and Pow by two', async () => {
    const gelu = await ranks('Gelu', () => 'y = Gelu(h) { approximate: "tanh" }');
    const pow = await ranks('Pow', () => 'constant two: float32[] = [2]\n y = Pow(h, two)');
    expect(every([...gelu, ...pow])).toEqual(new Set(['float32']));
  });

  test.each(['Max', 'Min'])('%s with a constant before or behind, and a Relu after it', async (op) => {
    const found = [
      ...(await ranks(op, () => `m = ${op}(h, low)\n y = Relu(m)`)),
      ...(await ranks(op, () => `y = ${op}(low, h)`)),
    ];
    expect(every(found)).toEqual(new Set(['float32']));
  });

  test.each(['Softmax', 'LogSoftmax'])('%s along each axis', async (op) => {
    const found = [];
    for (const axis of [-1, 0, 1, -2])
      found.push(...(await ranks(op, () => `y = ${op}(h) { axis: ${axis} }`)));
    expect(every(found)).toEqual(new Set(['float32']));
  });

  test.each(['ReduceSum', 'ReduceMean', 'ReduceMax', 'ReduceMin', 'ReduceL1', 'ReduceL2', 'ReduceSumSquare'])(
    '%s over any axes, kept or not',
    async (op) => {
      const found = [];
      for (const axes of [[-1], [0], [1], [0, 1], [0, -1], [1, 3], [2, 3], [0, 2, 3], [-1, 1, 0]]) {
        for (const keep of [0, 1]) {
          found.push(
            ...(await ranks(op, (dims) =>
              axes.some((axis) => axis >= dims.length) ||
              new Set(axes.map((axis) => (axis + dims.length) % dims.length)).size < axes.length
                ? null
                : `constant axes: int64[${axes.length}] = [${axes.join(', ')}]
                   y = ${op}(h, axes) { keepdims: ${keep} }`,
            )),
          );
        }
      }
      found.push(...(await ranks(op, () => `y = ${op}(h)`)));
      expect(every(found)).toEqual(new Set(['float32']));
    },
  );

  test('GlobalMaxPool', async () => {
    const found = await ranks('GlobalMaxPool', (dims) => (dims.length < 3 ? null : 'y = GlobalMaxPool(h)'));
    expect(every(found)).toEqual(new Set(['float32']));
  });

  test('Transpose by several permutations of each rank', async () => {
    const permutations: Readonly<Record<number, readonly string[]>> = {
      2: ['1, 0', '0, 1'],
      3: ['2, 0, 1', '0, 2, 1', '2, 1, 0'],
      4: ['0, 2, 3, 1', '0, 3, 1, 2', '3, 1, 0, 2', '0, 2, 1, 3'],
      5: ['0, 3, 4, 1, 2', '4, 2, 0, 3, 1'],
    };
    for (const at of [0, 1, 2, 3]) {
      const found = await ranks('Transpose', (dims) => {
        const permutation = permutations[dims.length]?.[at];
        return permutation === undefined ? null : `y = Transpose(h) { perm: [${permutation}] }`;
      });
      expect(every(found).has('typescript')).toBe(false);
    }
    expect(every(await ranks('Transpose', () => 'y = Transpose(h)'))).toEqual(new Set(['float32']));
  });

  test.each([
    ['[1]', '[9]', '[1]', '[1]'],
    ['[-1, 0]', '[-9, 1]', '[-1, 0]', '[-1, 1]'],
    ['[0, 1]', '[5, 3]', '[-1, 0]', '[2, 1]'],
    ['[3]', '[1]', '[1]', '[1]'],
  ])('Slice from %s to %s of axes %s in steps of %s', async (starts, ends, axes, steps) => {
    const count = starts.split(',').length;
    const found = await ranks(
      'Slice',
      () => `constant starts: int64[${count}] = ${starts}
        constant ends: int64[${count}] = ${ends}
        constant axes: int64[${count}] = ${axes}
        constant steps: int64[${count}] = ${steps}
        y = Slice(h, starts, ends, axes, steps)`,
    );
    expect(every(found)).toEqual(new Set(['float32']));
  });

  test('Split along each axis, into given and into equal parts', async () => {
    const found = [];
    for (const axis of [0, 1, -1]) {
      found.push(
        ...(await ranks('Split', (dims) => {
          const size = dims.at(axis) ?? 0;
          return `constant sizes: int64[3] = [1, 0, ${size - 1}]
            a, y, c = Split(h, sizes) { axis: ${axis} }
            output a
            output c`;
        })),
        ...(await ranks(
          'Split',
          () => `y, b = Split(h) { axis: ${axis}, num_outputs: 2 }
            output b`,
        )),
      );
    }
    expect(every(found)).toEqual(new Set(['float32']));
  });

  test('Expand of any axes, to more of them', async () => {
    for (const [dims, shape] of [
      ['3, 1', '[2, 3, 4]'],
      ['1', '[2, 2]'],
      ['2, 1, 3, 1', '[1, 5, 1, 2]'],
      ['2, 3', '[1]'],
    ] as const) {
      const model = parseModel(`
        input x: float32[${dims}]
        constant shape: int64[${shape.split(',').length}] = ${shape}
        y = Expand(x, shape)
        output y
      `);
      const x = reals(numbers(4), dims.split(',').map(Number));
      expect(await compare(model, { x }, 'Expand')).toBe('float32');
    }
  });

  test('LayerNormalization and RMSNormalization over the last axis, with and without a bias', async () => {
    const found = [
      ...(await ranks('LayerNormalization', () => 'y = LayerNormalization(h, parameter)')),
      ...(await ranks('LayerNormalization', () => 'y = LayerNormalization(h, parameter, parameter)')),
      ...(await ranks('RMSNormalization', () => 'y = RMSNormalization(h, parameter) { epsilon: 0.01 }')),
    ];
    expect(every(found)).toEqual(new Set(['float32']));
  });

  test('InstanceNormalization and GroupNormalization', async () => {
    const found = [
      ...(await ranks('InstanceNormalization', (dims) =>
        dims.length < 3 ? null : 'y = InstanceNormalization(h, channel, channel)',
      )),
      ...(await ranks('GroupNormalization', (dims) =>
        dims.length < 3 ? null : 'y = GroupNormalization(h, channel, channel) { num_groups: 1 }',
      )),
    ];
    expect(every(found)).toEqual(new Set(['float32']));
  });

  test('a scale that is repeated over the normalized axes is left to the plain operator', async () => {
    const model = parseModel(`
      input x: float32[2, 6]
      constant one: float32[1] = [2]
      y = LayerNormalization(x, one)
      output y
    `);
    expect(await compare(model, { x: reals(numbers(2), [2, 6]) }, 'LayerNormalization')).toBe('typescript');
  });
});
