/**
 * c = clamp(f32(sum over k of a * b) * (aScale * bScale[column]) + bias[column], low, high), every step in float32.
 *
 * a: int16 [m, k] centred codes in [-255, 255], rows `stride` elements apart (a multiple of 8), zeros behind k. b: int8, panels of
 * four columns, of which each has 8 weights in turn; zeros behind k and n. aScale: address of one float. bScale, bias: n floats. c: [m, n], rows `cStride` floats apart.
 * Sums in int32: stride <= 65,000.
 */
export function gemmDynamic(
  m: i32, n: i32, stride: i32, a: usize, b: usize, aScale: usize, bScale: usize, bias: usize, c: usize,
  cStride: i32, low: f32, high: f32,
): void {
  assert(m >= 0 && n >= 0 && (stride & 7) == 0 && stride <= 65000);
  for (let row = 0; row < m; row++) {
    for (let column = 0; column < n; column++) {
      let sum: i32 = 0;
      for (let i = 0; i < stride; i++) {
        sum += <i32>load<i16>(a + ((row * stride + i) << 1)) * <i32>load<i8>(b + weightAt(column, i, stride));
      }
      store<f32>(c + ((row * cStride + column) << 2), finish(sum, column, aScale, bScale, bias, low, high));
    }
  }
}

/** Where weight `i` of a column is. */
@inline
function weightAt(column: i32, i: i32, stride: i32): i32 {
  return (column & ~3) * stride + ((i & ~7) << 2) + ((column & 3) << 3) + (i & 7);
}

/** The real of a sum. */
@inline
export function finish(
  sum: i32, column: i32, aScale: usize, bScale: usize, bias: usize, low: f32, high: f32,
): f32 {
  const at = column << 2;
  const unit = load<f32>(aScale) * load<f32>(bScale + at);
  return min<f32>(max<f32>(<f32>sum * unit + load<f32>(bias + at), low), high);
}
