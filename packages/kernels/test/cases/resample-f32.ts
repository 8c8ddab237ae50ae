import fc from 'fast-check';
import { type ResampleTaps, resampleTable } from '../../src/resample-table.js';
import type { KernelTest } from '../kernel-test.js';
import { data, float32s, size, uniform } from '../random-data.js';

const f = Math.fround;

const resampleCase = fc.record({
  outer: size(3),
  length: size(8),
  count: size(9),
  inner: size(19),
  taps: fc.integer({ min: 1, max: 5 }),
  x: data,
});
type ResampleCase = typeof resampleCase extends fc.Arbitrary<infer T> ? T : never;

function elementsOf({ length, count, taps, x }: ResampleCase): ResampleTaps[] {
  const next = uniform(x.seed ^ 0x55aa);
  const times = <T>(n: number, make: () => T): T[] => Array.from({ length: n }, make);
  return times(count, () => ({
    start: f(next() < 0.8 ? 0 : next() * 10),
    places: next() < 0.1 ? times(taps, () => -1) : times(taps, () => Math.floor(next() * length)),
    weights: times(taps, () => f(next() * 2 - 0.5)),
  }));
}

export const resampleF32: KernelTest<ResampleCase> = {
  cases: resampleCase,
  run(arena, input) {
    const { outer, length, count, inner, taps } = input;
    const x = arena.input(float32s(outer * length * inner, input.x));
    const table = arena.input(resampleTable(elementsOf(input)));
    const y = arena.output(outer * count * inner * 4);
    arena.kernels.resampleF32(outer, length, count, inner, taps, table, x, y);
    return arena.float32(y, outer * count * inner);
  },
  expected(input) {
    const { outer, length, count, inner } = input;
    const x = float32s(outer * length * inner, input.x);
    const elements = elementsOf(input);
    return Float32Array.from({ length: outer * count * inner }, (_, at) => {
      const { start, places, weights } = elements[Math.floor(at / inner) % count]!;
      const from = Math.floor(at / (inner * count)) * length;
      return places.reduce(
        (sum, place, tap) =>
          place < 0 ? sum : f(sum + f(weights[tap]! * x[(from + place) * inner + (at % inner)]!)),
        start,
      );
    });
  },
};
