import fc from 'fast-check';
import { permuteWords } from '../../src/permute.js';
import type { KernelTest } from '../kernel-test.js';
import { data, int8s } from '../random-data.js';

const permuteCase = fc
  .array(fc.oneof(fc.integer({ min: 1, max: 4 }), fc.constantFrom(1, 9, 17)), { maxLength: 6 })
  .filter((dims) => dims.reduce((a, b) => a * b, 1) < 20_000)
  .chain((dims) =>
    fc.record({
      dims: fc.constant(dims),
      permutation: fc.shuffledSubarray([...dims.keys()], { minLength: dims.length }),
      elementBytes: fc.constantFrom(1 as const, 4 as const),
      x: data,
    }),
  );
type PermuteCase = typeof permuteCase extends fc.Arbitrary<infer T> ? T : never;

function elements({ dims, elementBytes, x }: PermuteCase): Int8Array {
  return int8s(
    dims.reduce((a, b) => a * b, elementBytes),
    x,
  );
}

export const permute: KernelTest<PermuteCase> = {
  cases: permuteCase,
  run(arena, input) {
    const from = elements(input);
    const words = permuteWords(input.dims, input.permutation, input.elementBytes);
    // At most six axes: there always is a plan.
    const plan = arena.input(words!);
    const y = arena.output(from.length);
    arena.kernels.permute(plan, arena.input(from), y);
    return arena.int8(y, from.length);
  },
  expected(input) {
    const { dims, permutation, elementBytes } = input;
    const from = elements(input);
    const to = new Int8Array(from.length);
    for (let at = 0; at < to.length / elementBytes; at++) {
      // The place of element `at` of the result, axis by axis from the last, then its index in x.
      let rest = at;
      const place = new Array<number>(dims.length).fill(0);
      for (const axis of [...permutation].reverse()) {
        place[axis] = rest % dims[axis]!;
        rest = Math.floor(rest / dims[axis]!);
      }
      const index = place.reduce((sum, one, axis) => sum * dims[axis]! + one, 0);
      for (let byte = 0; byte < elementBytes; byte++) {
        to[at * elementBytes + byte] = from[index * elementBytes + byte]!;
      }
    }
    return to;
  },
};
