import fc from 'fast-check';
import type { Arena, TypedArray } from '../arena.js';
import type { KernelTest } from '../kernel-test.js';
import { saturate } from '../plain.js';
import { data, int8Range, int8s, size, zeroPoint } from '../random-data.js';

const f = Math.fround;

const transposeCase = fc.record({
  batch: fc.integer({ min: 1, max: 3 }),
  rows: size(40),
  columns: size(40),
  x: data,
});
type TransposeCase = typeof transposeCase extends fc.Arbitrary<infer T> ? T : never;

function transposed<T extends Int8Array | Int32Array>(input: TransposeCase, values: T, y: T): T {
  const { batch, rows, columns } = input;
  let at = 0;
  for (let image = 0; image < batch; image++) {
    for (let column = 0; column < columns; column++) {
      for (let row = 0; row < rows; row++) y[at++] = values[(image * rows + row) * columns + column]!;
    }
  }
  return y;
}

/** Every byte of each word is random: a word that is moved in halves would show. */
function words({ batch, rows, columns, x }: TransposeCase): Int32Array {
  return new Int32Array(int8s(batch * rows * columns * 4, x).buffer);
}

export const transposeF32: KernelTest<TransposeCase> = {
  cases: transposeCase,
  run(arena, input) {
    const values = words(input);
    const y = arena.output(values.byteLength);
    arena.kernels.transposeF32(input.batch, input.rows, input.columns, arena.input(values), y);
    return arena.kernels.heap.int32(y, values.length).slice();
  },
  expected: (input) => transposed(input, words(input), words(input)),
};

export const transposeI8: KernelTest<TransposeCase> = {
  cases: transposeCase,
  run(arena, input) {
    const { batch, rows, columns, x } = input;
    const values = int8s(batch * rows * columns, x);
    const y = arena.output(values.length);
    arena.kernels.transposeI8(batch, rows, columns, arena.input(values), y);
    return arena.int8(y, values.length);
  },
  expected(input) {
    const values = int8s(input.batch * input.rows * input.columns, input.x);
    return transposed(input, values, new Int8Array(values.length));
  },
};

const rowsCase = fc.record({
  rows: size(8),
  columns: fc.oneof(size(60), fc.constantFrom(511, 512, 700)),
  xGap: fc.integer({ min: 0, max: 9 }),
  yGap: fc.integer({ min: 0, max: 9 }),
  x: data,
  xScale: fc.constantFrom(1, 0.5, 0.0371, 2.3).map(f),
  yScale: fc.constantFrom(1, 0.5, 0.05, 1.9).map(f),
  xZero: zeroPoint,
  yZero: zeroPoint,
  range: int8Range,
});
type RowsCase = typeof rowsCase extends fc.Arbitrary<infer T> ? T : never;

/** Runs a kernel that writes rows with gaps, and returns the gaps too. */
function runRows(arena: Arena, input: RowsCase, call: (x: number, y: number) => void): TypedArray {
  const { rows, columns, xGap, yGap } = input;
  const length = rows * (columns + yGap);
  const y = arena.output(length);
  call(arena.input(int8s(rows * (columns + xGap), input.x)), y);
  return arena.int8(y, length);
}

function expectedRows(input: RowsCase, map: (value: number) => number): Int8Array {
  const { rows, columns, xGap, yGap } = input;
  const values = int8s(rows * (columns + xGap), input.x);
  const y = new Int8Array(rows * (columns + yGap)).fill(0xa5 - 256);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      y[row * (columns + yGap) + column] = map(values[row * (columns + xGap) + column]!);
    }
  }
  return y;
}

export const requantizeI8: KernelTest<RowsCase> = {
  cases: rowsCase,
  run(arena, input) {
    const { rows, columns, xGap, yGap, xScale, xZero, yScale, yZero, range } = input;
    const [low, high] = range;
    return runRows(arena, input, (x, y) =>
      arena.kernels.requantizeI8(
        rows,
        columns,
        x,
        columns + xGap,
        y,
        columns + yGap,
        xScale,
        xZero,
        yScale,
        yZero,
        low,
        high,
      ),
    );
  },
  expected(input) {
    const { xScale, xZero, yScale, yZero, range } = input;
    return expectedRows(input, (value) =>
      saturate(f(f((value - xZero) * xScale) / yScale), yZero, range[0], range[1]),
    );
  },
};

export const copyRows: KernelTest<RowsCase> = {
  cases: rowsCase,
  run(arena, input) {
    const { rows, columns, xGap, yGap } = input;
    return runRows(arena, input, (x, y) =>
      arena.kernels.copyRows(rows, columns, x, columns + xGap, y, columns + yGap),
    );
  },
  expected: (input) => expectedRows(input, (value) => value),
};
