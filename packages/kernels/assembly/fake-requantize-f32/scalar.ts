/*
 * Requantization that stays in float32, for training: reals on a grid become whole numbers, sums of whole numbers become
 * reals on the next grid. Whole numbers below 2^24 are added without error in any order, so what comes out is what int8
 * kernels compute, bit for bit.
 */

/** code without its zero point, within bounds that are whole numbers. NaN stays. */
@inline
function clampCode(code: f32, least: f32, most: f32): f32 {
  const above = code < least ? least : code;
  return most < above ? most : above;
}

/**
 * y = roundHalfEven(x / scale): the codes, without their zero points, of reals that are on a grid. x is seen as
 * [outer, slices, inner], with a scale for each slice. A code times its scale was rounded to float32, so the quotient may
 * be beside the code by its last bit. y may be x.
 */
export function wholeF32(outer: i32, slices: i32, inner: i32, x: usize, scales: usize, y: usize): void {
  assert(outer >= 0 && slices >= 0 && inner >= 0);
  for (let run = 0; run < outer * slices; run++) {
    const scale = load<f32>(scales + (<usize>(run % slices) << 2));
    for (let i = 0; i < inner; i++, x += 4, y += 4) store<f32>(y, nearest<f32>(load<f32>(x) / scale));
  }
}

/**
 * y = f32(inputScale * weightScale / outputScale) for n scales of weights, in float64 and rounded once: the multipliers of
 * rule `onnx` (requantize/scalar.ts). inputScale, outputScale: addresses of one float32 each.
 */
export function requantizeMultipliersF32(
  n: i32, weightScales: usize, inputScale: usize, outputScale: usize, y: usize,
): void {
  assert(n >= 0);
  const input = <f64>load<f32>(inputScale);
  const output = <f64>load<f32>(outputScale);
  for (let i = 0; i < n; i++, weightScales += 4, y += 4) {
    store<f32>(y, <f32>(input * <f64>load<f32>(weightScales) / output));
  }
}

/**
 * Sums of whole numbers [rows, columns] to reals on a grid, as rule `onnx` makes codes of int32 sums (requantize/scalar.ts):
 *
 *   u = sum * multiplier,  y = scale * clamp(roundHalfEven(u), low - zero, high - zero)
 *
 * and both are within the bounds of an activation too, reals `least` and `most`, which may be infinite. Before rounding it
 * is scale * u, at `reals`, for the way back; address 0 where that is not wanted.
 *
 * multipliers: one a column, `step` (4 or 0) bytes apart. scale, zero: addresses. reals may be sums, and y where reals are
 * not wanted.
 */
export function fakeRequantizeF32(
  rows: i32, columns: i32, sums: usize, multipliers: usize, step: i32, scale: usize, zero: usize, low: f32, high: f32,
  least: f32, most: f32, reals: usize, y: usize,
): void {
  assert(rows >= 0 && columns >= 0 && (step == 0 || step == 4));
  const s = load<f32>(scale);
  const z = load<f32>(zero);
  const lowest = clampCode(nearest<f32>(least / s), low - z, high - z);
  const highest = clampCode(nearest<f32>(most / s), low - z, high - z);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++, sums += 4, y += 4) {
      const u = load<f32>(sums) * load<f32>(multipliers + column * step);
      if (reals != 0) {
        store<f32>(reals, clampCode(u * s, least, most));
        reals += 4;
      }
      // Of -0 it makes 0, which is what a code gives.
      store<f32>(y, (clampCode(nearest<f32>(u), lowest, highest) + 0) * s);
    }
  }
}
