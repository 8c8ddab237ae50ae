import fc from 'fast-check';
import type { DynamicKernels } from '../../src/dynamic-loader.js';
import { DYNAMIC_WAYS, type DynamicWay } from '../../src/pack-dynamic.js';
import type { KernelTest } from '../kernel-test.js';
import { roundHalfAway, roundHalfEven } from '../plain.js';
import { data, float32s, size } from '../random-data.js';

const f = Math.fround;

export const way: fc.Arbitrary<DynamicWay> = fc.constantFrom('onnx', 'tflite', 'tflite-each');

const codesCase = fc.record({
  ranges: size(9),
  count: fc.oneof(fc.constant(0), size(70)),
  x: data,
  factor: fc.constantFrom(1, -1, 0, 1e30),
  way,
});
type CodesCase = typeof codesCase extends fc.Arbitrary<infer T> ? T : never;

/** Reals of both signs, of one sign, or all zero. */
function reals({ ranges, count, x, factor }: CodesCase): Float32Array {
  const values = float32s(ranges * count, x);
  return factor === -1 ? values.map((value) => -Math.abs(value)) : values.map((value) => value * factor);
}

/** Scale, zero point and codes of one range. */
function gridOf(x: Float32Array, how: DynamicWay): { scale: number; zero: number; codes: number[] } {
  const known = x.filter((value) => !Number.isNaN(value));
  const [low, high] = [known.reduce((a, b) => Math.min(a, b), 0), known.reduce((a, b) => Math.max(a, b), 0)];
  const span = f(high - low);
  const clamped = (code: number) => Math.min(Math.max(Number.isNaN(code) ? -128 : code, -128), 127);
  let scale = span === 0 ? 1 : f(span / 255);
  let zero = roundHalfEven(f(-low / scale)) - 128;
  let steps = (value: number) => f(value / scale);
  if (how === 'tflite') {
    const inverse = span === 0 ? 1 : f(255 / span);
    scale = f(1 / inverse);
    const [first, last] = [f(low * inverse), f(high * inverse)];
    const isUpper = f(f(first - 128) + f(127 + last)) > 0;
    zero = roundHalfEven(isUpper ? f(-128 - first) : f(127 - last));
    steps = (value) => f(value * inverse);
  }
  const isAway = how === 'tflite-each';
  if (isAway) {
    const wide = (high - low) / 255;
    const [first, last] = [low / wide, high / wide];
    scale = span === 0 ? 1 : f(wide);
    zero = span === 0 ? 0 : roundHalfAway(128 - first < 127 + last ? -128 - first : 127 - last);
    const inverse = f(1 / scale);
    steps = (value) => roundHalfAway(f(zero + f(value * inverse)));
  }
  zero = clamped(zero);
  const rounded = (value: number) => (isAway ? steps(value) : roundHalfEven(steps(value)) + zero);
  const codes = Array.from(x, (value) => clamped(rounded(value)));
  return { scale: known.length < x.length ? Number.NaN : scale, zero, codes };
}

/** Codes, then scale and zero point of each range. */
export const dynamicCodes: KernelTest<CodesCase, DynamicKernels> = {
  cases: codesCase,
  run(arena, input) {
    const { ranges, count } = input;
    const [codes, units] = [arena.output(ranges * count), arena.output(ranges * 8)];
    arena.kernels.dynamicCodes(
      ...([ranges, count, arena.input(reals(input)), codes, units] as const),
      DYNAMIC_WAYS[input.way],
    );
    const grids = arena.float32(units, ranges * 2);
    const zeros = new Int32Array(grids.buffer, grids.byteOffset, ranges * 2);
    return Float32Array.from([
      ...arena.int8(codes, ranges * count),
      ...Array.from(grids, (value, at) => (at % 2 === 0 ? value : zeros[at]!)),
    ]);
  },
  expected(input) {
    const { ranges, count } = input;
    const x = reals(input);
    const grids = Array.from({ length: ranges }, (_, range) =>
      gridOf(x.subarray(range * count, (range + 1) * count), input.way),
    );
    return Float32Array.from([
      // -0 is no code.
      ...grids.flatMap(({ codes }) => codes.map((code) => code + 0)),
      ...grids.flatMap(({ scale, zero }) => [scale, zero + 0]),
    ]);
  },
};
