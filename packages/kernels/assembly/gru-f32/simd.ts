import { gemmF32 } from '../gemm-f32/simd';
import { storeF32 } from '../lanes';
import { one4, sigmoid4, tanh4 } from '../math-f32/simd';

/** As ./scalar.ts, bit for bit. Reads up to 12 bytes past input, scratch and state. */
export function gruF32(
  sequence: i32, batch: i32, hidden: i32, input: usize, recurrence: usize, candidate: usize, state: usize, y: usize,
  yStride: i32, reverse: i32, scratch: usize,
): void {
  const columns = hidden * 3;
  const gate = hidden << 2;
  const scaled = scratch + ((batch * columns) << 2);
  const products = candidate ? hidden * 2 : columns;
  for (let step = 0; step < sequence; step++) {
    const t = reverse ? sequence - 1 - step : step;
    const from = input + ((t * batch * columns) << 2);
    const to = y + ((t * yStride) << 2);
    gemmF32(batch, products, hidden, state, hidden, recurrence, scratch, columns, -Infinity, Infinity);
    for (let row = 0; row < batch; row++) {
      const at = (row * columns) << 2;
      resetRow(hidden, from + at, scratch + at, candidate ? state + row * gate : 0, scaled + row * gate);
    }
    if (candidate) {
      gemmF32(batch, hidden, hidden, scaled, hidden, candidate, scratch + gate * 2, columns, -Infinity, Infinity);
    }
    for (let row = 0; row < batch; row++) {
      const at = (row * columns) << 2;
      cellRow(hidden, from + at, scratch + at, state + row * gate, to + row * gate);
    }
    state = to;
  }
}

function resetRow(hidden: i32, input: usize, product: usize, state: usize, scaled: usize): void {
  const gate = hidden << 2;
  const from = state ? state : product + gate * 2;
  const to = state ? scaled : from;
  for (let i = 0; i < hidden; i += 4) {
    const at = i << 2;
    const reset = sigmoid4(sum(input + gate + at, product + gate + at));
    storeF32(to + at, f32x4.mul(reset, v128.load(from + at)), hidden - i);
  }
}

function cellRow(hidden: i32, input: usize, product: usize, state: usize, y: usize): void {
  const gate = hidden << 2;
  for (let i = 0; i < hidden; i += 4) {
    const at = i << 2;
    const kept = sigmoid4(sum(input + at, product + at));
    const next = tanh4(sum(input + gate * 2 + at, product + gate * 2 + at));
    const replaced = f32x4.mul(f32x4.sub(one4(), kept), next);
    storeF32(y + at, f32x4.add(replaced, f32x4.mul(kept, v128.load(state + at))), hidden - i);
  }
}

@inline
function sum(a: usize, b: usize): v128 {
  return f32x4.add(v128.load(a), v128.load(b));
}
