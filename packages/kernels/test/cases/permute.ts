import fc from 'fast-check';
import { permuteWords, viewWords } from '../../src/permute.js';
import type { KernelTest } from '../kernel-test.js';
import { data, int8s } from '../random-data.js';

/** How an axis of the tensor is seen: each element, every second, from the last to the first, or one again and again. */
const sights = ['all', 'all', 'all', 'second', 'back', 'repeated'] as const;

const permuteCase = fc
  .array(fc.oneof(fc.integer({ min: 1, max: 4 }), fc.constantFrom(1, 9, 17)), { maxLength: 6 })
  .filter((dims) => dims.reduce((a, b) => a * b, 1) < 20_000)
  .chain((dims) =>
    fc.record({
      dims: fc.constant(dims),
      permutation: fc.shuffledSubarray([...dims.keys()], { minLength: dims.length }),
      // Views of six axes of which none is dense are refused.
      isView: dims.length < 6 ? fc.boolean() : fc.constant(false),
      sights: fc.array(fc.constantFrom(...sights), { minLength: dims.length, maxLength: dims.length }),
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

interface View {
  readonly dims: readonly number[];
  readonly strides: readonly number[];
  readonly start: number;
}

function viewOf({ dims, permutation, isView, sights: seen }: PermuteCase): View {
  const dense = dims.map((_, axis) => dims.slice(axis + 1).reduce((a, b) => a * b, 1));
  let start = 0;
  const axes = permutation.map((axis) => {
    const [size, stride] = [dims[axis]!, dense[axis]!];
    const sight = isView ? seen[axis] : 'all';
    if (sight === 'second') return { size: Math.ceil(size / 2), stride: 2 * stride };
    if (sight === 'repeated') return { size: 3, stride: 0 };
    if (sight === 'all') return { size, stride };
    start += (size - 1) * stride;
    return { size, stride: -stride };
  });
  return { dims: axes.map(({ size }) => size), strides: axes.map(({ stride }) => stride), start };
}

export const permute: KernelTest<PermuteCase> = {
  cases: permuteCase,
  run(arena, input) {
    const { dims, permutation, isView, elementBytes } = input;
    const view = viewOf(input);
    const words = isView
      ? viewWords(view.dims, view.strides, elementBytes)
      : permuteWords(dims, permutation, elementBytes);
    // At most six axes, five of a view: there always is a plan.
    const plan = arena.input(words!);
    const bytes = view.dims.reduce((a, b) => a * b, elementBytes);
    const y = arena.output(bytes);
    arena.kernels.permute(plan, arena.input(elements(input)) + view.start * elementBytes, y);
    return arena.int8(y, bytes);
  },
  expected(input) {
    const { elementBytes } = input;
    const { dims, strides, start } = viewOf(input);
    const from = elements(input);
    const to = new Int8Array(dims.reduce((a, b) => a * b, elementBytes));
    for (let at = 0; at < to.length / elementBytes; at++) {
      let rest = at;
      let index = start;
      for (let axis = dims.length - 1; axis >= 0; axis--) {
        index += (rest % dims[axis]!) * strides[axis]!;
        rest = Math.floor(rest / dims[axis]!);
      }
      for (let byte = 0; byte < elementBytes; byte++) {
        to[at * elementBytes + byte] = from[index * elementBytes + byte]!;
      }
    }
    return to;
  },
};
