import { parseModel, seededTensor } from '@espalier/plugin-kit';
import { RuntimeExecutor } from '@espalier/runtime';
import { describe, expect, test } from 'vitest';
import { Moments } from './moments.js';
import { convPatches, rowPatches } from './patches.js';

const shapes = [
  { x: [2, 4, 5, 7], w: [6, 4, 3, 3], attributes: 'pads: [1, 1, 1, 1]' },
  { x: [1, 4, 6, 6], w: [6, 2, 3, 2], attributes: 'group: 2, strides: [2, 1], pads: [0, 1, 1, 0]' },
  { x: [1, 4, 8, 8], w: [4, 1, 3, 3], attributes: 'group: 4, dilations: [2, 2]' },
  { x: [1, 3, 7, 8], w: [2, 3, 3, 4], attributes: 'auto_pad: "SAME_UPPER", strides: [2, 2]' },
  { x: [1, 3, 7, 8], w: [2, 3, 2, 2], attributes: 'auto_pad: "SAME_LOWER"' },
  { x: [2, 3, 9], w: [5, 3, 4], attributes: 'strides: [2], pads: [2, 1]' },
];

describe('patches of a convolution', () => {
  test.each(shapes)('times the weights are its result: $attributes', async ({ x, w, attributes }) => {
    const model = parseModel(`
      input x: float32[${x.join(', ')}]
      constant w: float32[${w.join(', ')}] = random(1)
      y = Conv(x, w) { ${attributes} }
      output y
    `);
    const input = seededTensor('patches', x, -1, 1);
    const { y } = await (await new RuntimeExecutor().prepare(model)).run({ x: input });
    const results = y?.data as Float32Array;
    const node = model.graph.nodesOf('Conv')[0];
    const weights = node?.inputs[1]?.constant?.decode().data as Float32Array;
    const patches = convPatches(node?.attributes ?? (undefined as never), x.slice(2), w, x[1] ?? 0);
    const [pictures, outputs] = [x[0] ?? 0, w[0] ?? 0];
    const size = x.slice(1).reduce((a, b) => a * b, 1);
    const patch = new Float64Array(patches.length);
    expect(y?.size).toBe(pictures * outputs * patches.positions);
    for (let n = 0; n < pictures; n++) {
      for (let position = 0; position < patches.positions; position++) {
        for (let o = 0; o < outputs; o++) {
          const group = Math.floor(o / (outputs / patches.groups));
          patches.read(input.data as Float32Array, n * size, position, group, patch);
          const sum = patch.reduce((all, p, i) => all + p * (weights[o * patches.length + i] ?? 0), 0);
          const expected = results[(n * outputs + o) * patches.positions + position];
          expect(sum).toBeCloseTo(expected ?? NaN, 4);
        }
      }
    }
  });

  test('a row of a matrix is one patch', () => {
    const patch = new Float64Array(3);
    rowPatches(3).read(Float32Array.of(1, 2, 3, 4, 5, 6), 3, 0, 0, patch);
    expect(Array.from(patch)).toEqual([4, 5, 6]);
  });
});

describe('moments', () => {
  const rows = [Float64Array.of(1, 0, 2), Float64Array.of(3, -1, 0), Float64Array.of(-1, 4, 1)];
  const moments = new Moments(3, true);
  for (const row of rows) moments.add(row);

  test('are the mean and the mean of products', () => {
    expect(Array.from(moments.mean())).toEqual([1, 1, 1]);
    const expected = [0, 1, 2].flatMap((i) =>
      [0, 1, 2].map((j) => rows.reduce((sum, row) => sum + (row[i] ?? 0) * (row[j] ?? 0), 0) / 3),
    );
    for (const [i, value] of moments.second(false).entries())
      expect(value).toBeCloseTo(expected[i] ?? NaN, 12);
    for (const [i, value] of moments.second(true).entries())
      expect(value).toBeCloseTo((expected[i] ?? NaN) - 1, 12);
  });

  test('without products take no memory for them', () => {
    expect(new Moments(3, false).hasProducts).toBe(false);
    expect(moments.hasProducts).toBe(true);
  });
});
