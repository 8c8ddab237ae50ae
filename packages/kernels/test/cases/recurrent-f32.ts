import fc from 'fast-check';
import { packGemmF32 } from '../../src/pack-gemm-f32.js';
import type { Arena } from '../arena.js';
import type { KernelTest } from '../kernel-test.js';
import { sigmoid, tanh } from '../plain-math.js';
import { data, float32s } from '../random-data.js';

const f = Math.fround;

const recurrentCase = fc.record({
  sequence: fc.integer({ min: 0, max: 4 }),
  batch: fc.integer({ min: 0, max: 5 }),
  hidden: fc.integer({ min: 1, max: 19 }),
  gap: fc.integer({ min: 0, max: 5 }),
  reverse: fc.boolean(),
  linearBeforeReset: fc.boolean(),
  data,
});
type RecurrentCase = typeof recurrentCase extends fc.Arbitrary<infer T> ? T : never;

interface Operands {
  /** [sequence, batch, gates * hidden] */
  readonly input: Float32Array;
  /** [hidden, gates * hidden] */
  readonly weights: Float32Array;
  readonly bias: Float32Array;
  readonly state: Float32Array;
  readonly cell: Float32Array;
}

function operands({ sequence, batch, hidden, data: { seed, kind } }: RecurrentCase, gates: number): Operands {
  const make = (length: number, offset: number) => float32s(length, { seed: seed ^ offset, kind });
  return {
    input: make(sequence * batch * gates * hidden, 0),
    weights: make(hidden * gates * hidden, 1 << 8),
    bias: make(gates * hidden, 2 << 8),
    state: make(batch * hidden, 3 << 8),
    cell: make(batch * hidden, 4 << 8),
  };
}

/** The sum that a matrix product makes for one column: its bias, then the products in order. */
function column(row: ArrayLike<number>, weights: Float32Array, stride: number, at: number, bias = 0): number {
  let sum = bias;
  for (let i = 0; i < row.length; i++) sum = f(sum + f(row[i]! * weights[i * stride + at]!));
  return sum;
}

type Step = (h: ArrayLike<number>, t: number, row: number) => Float32Array;

/** y with its gaps, as the arena fills them. */
function run(input: RecurrentCase, state: Float32Array, step: Step): Float32Array {
  const { sequence, batch, hidden, gap, reverse } = input;
  const yStride = batch * hidden + gap;
  const y = new Float32Array(new Uint8Array(sequence * yStride * 4).fill(0xa5).buffer);
  for (let row = 0; row < batch; row++) {
    let h = state.subarray(row * hidden, (row + 1) * hidden);
    for (let index = 0; index < sequence; index++) {
      const t = reverse ? sequence - 1 - index : index;
      h = step(h, t, row);
      y.set(h, t * yStride + row * hidden);
    }
  }
  return y;
}

interface Placed {
  readonly y: number;
  readonly yStride: number;
  readonly input: number;
  readonly state: number;
  readonly scratch: number;
}

function place(arena: Arena, input: RecurrentCase, { input: gates, state }: Operands): Placed {
  const { sequence, batch, hidden, gap } = input;
  const yStride = batch * hidden + gap;
  return {
    y: arena.output(sequence * yStride * 4),
    yStride,
    input: arena.input(gates),
    state: arena.input(state),
    scratch: arena.output(batch * 4 * hidden * 4),
  };
}

export const lstmF32: KernelTest<RecurrentCase> = {
  cases: recurrentCase,
  run(arena, input) {
    const { sequence, batch, hidden, reverse } = input;
    const values = operands(input, 4);
    const { y, yStride, input: gates, state, scratch } = place(arena, input, values);
    const n = 4 * hidden;
    const shape = { k: hidden, n, rowStride: n, columnStride: 1 };
    const packed = arena.input(packGemmF32({ data: values.weights, ...shape }));
    const cell = arena.output(batch * hidden * 4);
    arena.kernels.heap.float32(cell, batch * hidden).set(values.cell);
    const size = [sequence, batch, hidden] as const;
    arena.kernels.lstmF32(...size, gates, packed, state, cell, y, yStride, Number(reverse), scratch);
    return Float32Array.of(...arena.float32(y, sequence * yStride), ...arena.float32(cell, batch * hidden));
  },
  expected(input) {
    const { batch, hidden } = input;
    const { input: gates, weights, state, cell } = operands(input, 4);
    const n = 4 * hidden;
    const cells = cell.slice();
    const y = run(input, state, (h, t, row) =>
      Float32Array.from({ length: hidden }, (_, i) => {
        const gate = (index: number) => {
          const at = index * hidden + i;
          return f(gates[(t * batch + row) * n + at]! + column(h, weights, n, at));
        };
        const kept = f(sigmoid(gate(2)) * cells[row * hidden + i]!);
        const next = f(kept + f(sigmoid(gate(0)) * tanh(gate(3))));
        cells[row * hidden + i] = next;
        return f(sigmoid(gate(1)) * tanh(next));
      }),
    );
    return Float32Array.of(...y, ...cells);
  },
};

export const gruF32: KernelTest<RecurrentCase> = {
  cases: recurrentCase,
  run(arena, input) {
    const { sequence, batch, hidden, reverse, linearBeforeReset } = input;
    const values = operands(input, 3);
    const { y, yStride, input: gates, state, scratch } = place(arena, input, values);
    const pack = (first: number, n: number) => {
      const bias = values.bias.slice(first, first + n);
      const shape = { k: hidden, n, rowStride: 3 * hidden, columnStride: 1, bias };
      return arena.input(packGemmF32({ data: values.weights.slice(first), ...shape }));
    };
    const recurrence = pack(0, linearBeforeReset ? 3 * hidden : 2 * hidden);
    const candidate = linearBeforeReset ? 0 : pack(2 * hidden, hidden);
    const size = [sequence, batch, hidden] as const;
    const weights = [recurrence, candidate] as const;
    arena.kernels.gruF32(...size, gates, ...weights, state, y, yStride, Number(reverse), scratch);
    return arena.float32(y, sequence * yStride);
  },
  expected(input) {
    const { batch, hidden, linearBeforeReset } = input;
    const { input: gates, weights, bias, state } = operands(input, 3);
    const n = 3 * hidden;
    return run(input, state, (h, t, row) => {
      const given = (at: number) => gates[(t * batch + row) * n + at]!;
      const product = (of: ArrayLike<number>, at: number) => column(of, weights, n, at, bias[at]);
      const reset = Float32Array.from(h, (_, i) => sigmoid(f(given(hidden + i) + product(h, hidden + i))));
      const scaled = reset.map((value, i) => f(value * h[i]!));
      return Float32Array.from(h, (before, i) => {
        const at = 2 * hidden + i;
        const carried = linearBeforeReset ? f(reset[i]! * product(h, at)) : product(scaled, at);
        const kept = sigmoid(f(given(i) + product(h, i)));
        return f(f(f(1 - kept) * tanh(f(given(at) + carried))) + f(kept * before));
      });
    });
  },
};
