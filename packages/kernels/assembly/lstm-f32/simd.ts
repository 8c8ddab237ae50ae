import { gemmF32 } from '../gemm-f32/simd';
import { storeF32 } from '../lanes';
import { sigmoid4, tanh4 } from '../math-f32/simd';

/** As ./scalar.ts, bit for bit. Reads up to 12 bytes past input, scratch and cell. */
export function lstmF32(
  sequence: i32, batch: i32, hidden: i32, input: usize, recurrence: usize, state: usize, cell: usize, y: usize,
  yStride: i32, reverse: i32, scratch: usize,
): void {
  const columns = hidden << 2;
  for (let step = 0; step < sequence; step++) {
    const t = reverse ? sequence - 1 - step : step;
    gemmF32(batch, columns, hidden, state, hidden, recurrence, scratch, columns, -Infinity, Infinity);
    state = y + ((t * yStride) << 2);
    for (let row = 0; row < batch; row++) {
      const gates = row * columns;
      const from = input + ((t * batch * columns + gates) << 2);
      const at = (row * hidden) << 2;
      cellRow(hidden, from, scratch + (gates << 2), cell + at, state + at);
    }
  }
}

function cellRow(hidden: i32, input: usize, product: usize, cell: usize, y: usize): void {
  const gate = hidden << 2;
  for (let i = 0; i < hidden; i += 4) {
    const opened = sigmoid4(sum(input, product));
    const output = sigmoid4(sum(input + gate, product + gate));
    const kept = sigmoid4(sum(input + gate * 2, product + gate * 2));
    const candidate = tanh4(sum(input + gate * 3, product + gate * 3));
    const next = f32x4.add(f32x4.mul(kept, v128.load(cell)), f32x4.mul(opened, candidate));
    storeF32(cell, next, hidden - i);
    storeF32(y, f32x4.mul(output, tanh4(next)), hidden - i);
    input += 16;
    product += 16;
    cell += 16;
    y += 16;
  }
}

@inline
function sum(a: usize, b: usize): v128 {
  return f32x4.add(v128.load(a), v128.load(b));
}
