import { clamp4, storeF32 } from '../lanes';

/*
 * As ./scalar.ts, bit for bit. Reads up to 12 bytes past a and b.
 * `operate` is inlined with a constant operator, so each export is one plain loop.
 */

const ADD: i32 = 0;
const SUB: i32 = 1;
const MUL: i32 = 2;
const DIV: i32 = 3;
const PRELU: i32 = 4;

@inline
function operate(operator: i32, a: v128, b: v128): v128 {
  if (operator == ADD) return f32x4.add(a, b);
  if (operator == SUB) return f32x4.sub(a, b);
  if (operator == MUL) return f32x4.mul(a, b);
  if (operator == PRELU) return v128.bitselect(f32x4.mul(a, b), a, f32x4.lt(a, i32x4.splat(0)));
  return f32x4.div(a, b);
}

@inline
function arithmetic(
  operator: i32, rows: i32, columns: i32, a: usize, b: usize, bRowStride: i32, bColumnStride: i32, y: usize,
  low: f32, high: f32,
): void {
  const least = f32x4.splat(low);
  const most = f32x4.splat(high);
  for (let row = 0; row < rows; row++) {
    const right = b + ((row * bRowStride) << 2);
    let other = v128.load32_splat(right);
    for (let column = 0; column < columns; column += 4) {
      const at = column << 2;
      if (bColumnStride) other = v128.load(right + at);
      const result = clamp4(operate(operator, v128.load(a + at), other), least, most);
      if (columns - column >= 4) v128.store(y + at, result);
      else storeF32(y + at, result, columns - column);
    }
    a += columns << 2;
    y += columns << 2;
  }
}

export function addF32(
  rows: i32, columns: i32, a: usize, b: usize, bRowStride: i32, bColumnStride: i32, y: usize, low: f32, high: f32,
): void {
  arithmetic(ADD, rows, columns, a, b, bRowStride, bColumnStride, y, low, high);
}

export function subF32(
  rows: i32, columns: i32, a: usize, b: usize, bRowStride: i32, bColumnStride: i32, y: usize, low: f32, high: f32,
): void {
  arithmetic(SUB, rows, columns, a, b, bRowStride, bColumnStride, y, low, high);
}

export function mulF32(
  rows: i32, columns: i32, a: usize, b: usize, bRowStride: i32, bColumnStride: i32, y: usize, low: f32, high: f32,
): void {
  arithmetic(MUL, rows, columns, a, b, bRowStride, bColumnStride, y, low, high);
}

export function divF32(
  rows: i32, columns: i32, a: usize, b: usize, bRowStride: i32, bColumnStride: i32, y: usize, low: f32, high: f32,
): void {
  arithmetic(DIV, rows, columns, a, b, bRowStride, bColumnStride, y, low, high);
}

export function preluF32(
  rows: i32, columns: i32, a: usize, b: usize, bRowStride: i32, bColumnStride: i32, y: usize, low: f32, high: f32,
): void {
  arithmetic(PRELU, rows, columns, a, b, bRowStride, bColumnStride, y, low, high);
}
