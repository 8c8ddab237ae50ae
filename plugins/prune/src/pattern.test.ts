import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { inputAxis, keptOfPattern, parsePattern } from './pattern.js';

test.each([
  { text: '2:4', pattern: { keep: 2, of: 4 } },
  { text: '1:1', pattern: { keep: 1, of: 1 } },
  { text: '4:2', pattern: null },
  { text: '0:4', pattern: null },
  { text: '2:4 ', pattern: null },
  { text: '2', pattern: null },
])('"$text" is $pattern', ({ text, pattern }) => {
  expect(parsePattern(text)).toEqual(pattern);
});

describe('what stays of a pattern', () => {
  test('the largest of each run, of equal ones the first; a zero never has a place', () => {
    const values = Float32Array.of(1, -3, 2, 3, 5, 5, 5, 0, 0, 0, 1, 0);
    expect([...keptOfPattern(values, [3, 4], 1, { keep: 2, of: 4 })]).toEqual([1, 3, 4, 5, 10]);
    // Along the other axis there is but a run of three.
    expect([...keptOfPattern(values, [3, 4], 0, { keep: 1, of: 4 })]).toEqual(
      [4, 5, 6, 3].sort((a, b) => a - b),
    );
  });

  test('is never more than N of M along the axis, and as many where there are', () => {
    const shape = fc.tuple(fc.nat(3), fc.integer({ min: 1, max: 11 }), fc.nat(3));
    fc.assert(
      fc.property(
        shape,
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 1, max: 5 }),
        (outer, keep, of) => {
          fc.pre(keep <= of);
          const dims = [outer[0] + 1, outer[1], outer[2] + 1];
          const size = dims.reduce((a, b) => a * b, 1);
          const values = Float32Array.from({ length: size }, (_, i) => ((i * 37) % 11) + 1);
          const kept = new Set(keptOfPattern(values, dims, 1, { keep, of }));
          const [rows = 0, slices = 0, inner = 0] = dims;
          for (let o = 0; o < rows; o++) {
            for (let c = 0; c < inner; c++) {
              for (let first = 0; first < slices; first += of) {
                const run = Array.from(
                  { length: Math.min(of, slices - first) },
                  (_, k) => (o * slices + first + k) * inner + c,
                );
                const stays = run.filter((i) => kept.has(i));
                expect(stays.length).toBe(Math.min(keep, run.length));
                const least = Math.min(...stays.map((i) => values[i] ?? 0));
                for (const i of run) if (!kept.has(i)) expect(values[i]).toBeLessThanOrEqual(least);
              }
            }
          }
        },
      ),
      { numRuns: 60 },
    );
  });
});

test.each([
  { op: 'Conv', dims: [8, 4, 3, 3], outputs: 0, axis: 1 },
  { op: 'ConvTranspose', dims: [8, 4, 3, 3], outputs: 1, axis: 0 },
  { op: 'Gemm', dims: [8, 4], outputs: 0, axis: 1 },
  { op: 'MatMul', dims: [8, 4], outputs: 1, axis: 0 },
  { op: 'MatMul', dims: [2, 8, 4], outputs: null, axis: null },
  { op: 'LSTM', dims: [1, 32, 8], outputs: 1, axis: 2 },
  { op: 'Gather', dims: [100, 8], outputs: 0, axis: null },
])('the inputs of $op with weights $dims lie along axis $axis', ({ op, dims, outputs, axis }) => {
  expect(inputAxis(op, dims, outputs)).toBe(axis);
});
