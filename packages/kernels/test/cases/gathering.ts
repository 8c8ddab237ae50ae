import fc from 'fast-check';
import type { KernelTest } from '../kernel-test.js';
import { saturate } from '../plain.js';
import { data, int8s, size, uniform, zeroPoint } from '../random-data.js';

const f = Math.fround;
const FILL = 0xffffffff;

const gatherCase = fc.record({
  rows: size(20),
  bytes: fc.oneof(size(40), fc.constantFrom(64, 500, 511, 512, 700)),
  x: data,
});
type GatherCase = typeof gatherCase extends fc.Arbitrary<infer T> ? T : never;

const sourceBytes = 2000;

function gatherInputs({ rows, bytes, x }: GatherCase) {
  const next = uniform(x.seed);
  const table = Uint32Array.from({ length: rows }, () =>
    next() < 0.2 ? FILL : Math.floor(next() * (sourceBytes - bytes)),
  );
  return { table, source: int8s(sourceBytes, x), fill: int8s(bytes, { seed: 5, kind: 'random' }) };
}

export const gatherRows: KernelTest<GatherCase> = {
  cases: gatherCase,
  run(arena, input) {
    const { table, source, fill } = gatherInputs(input);
    const { rows, bytes } = input;
    const y = arena.output(rows * bytes);
    const from = arena.input(source);
    // A table of u32: its bits as int32.
    const at = arena.input(new Int32Array(table.buffer));
    arena.kernels.gatherRows(rows, bytes, at, from, arena.input(fill), y);
    return arena.int8(y, rows * bytes);
  },
  expected(input) {
    const { table, source, fill } = gatherInputs(input);
    const { bytes } = input;
    return Int8Array.from({ length: table.length * bytes }, (_, at) => {
      const offset = table[Math.floor(at / bytes)]!;
      return offset === FILL ? fill[at % bytes]! : source[offset + (at % bytes)]!;
    });
  },
};

const softmaxCase = fc.record({
  outer: size(4),
  length: size(60),
  inner: size(5),
  x: data,
  xScale: fc.constantFrom(1, 0.1, 0.0371, 5).map(f),
  yScale: fc.constantFrom(1 / 256, 0.0039, 1e-5).map(f),
  yZero: zeroPoint,
  inPlace: fc.boolean(),
});
type SoftmaxCase = typeof softmaxCase extends fc.Arbitrary<infer T> ? T : never;

export const softmaxI8: KernelTest<SoftmaxCase> = {
  cases: softmaxCase,
  run(arena, { outer, length, inner, x, xScale, yScale, yZero, inPlace }) {
    const n = outer * length * inner;
    const y = arena.output(n);
    const from = inPlace ? y : arena.input(int8s(n, x));
    if (inPlace) arena.kernels.heap.int8(y, n).set(int8s(n, x));
    const table = Float64Array.from({ length: 256 }, (_, below) => Math.exp(-below * xScale));
    const exponentials = arena.input(new Int32Array(table.buffer));
    arena.kernels.softmaxI8(outer, length, inner, from, y, exponentials, yScale, yZero);
    return arena.int8(y, n);
  },
  expected({ outer, length, inner, x, xScale, yScale, yZero }) {
    const values = int8s(outer * length * inner, x);
    return values.map((value, at) => {
      const start = Math.floor(at / (length * inner)) * length * inner + (at % inner);
      const row = Array.from({ length }, (_, i) => values[start + i * inner]!);
      const largest = Math.max(...row);
      const sum = row.reduce((total, one) => total + Math.exp(-(largest - one) * xScale), 0);
      const part = Math.exp(-(largest - value) * xScale) / sum;
      return saturate(f(part / yScale), yZero, -128, 127);
    });
  },
};
