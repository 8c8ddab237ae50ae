/*
 * Quantization that stays in float32, for training. x is seen as [outer, slices, inner]; each slice has a scale and a zero
 * point, which is a whole number held as float32. low, high: the least and the greatest code.
 *
 *   code = clamp(roundHalfEven(x / scale) + zero, low, high),  y = scale * (code - zero)
 *
 * That is QuantizeLinear and DequantizeLinear of ONNX, so codes that are made of y by them are those of x. NaN stays NaN.
 */

/** Codes without their zero point: clamp(rounded, low - zero, high - zero). NaN stays. */
@inline
function clampCode(rounded: f32, least: f32, most: f32): f32 {
  const above = rounded < least ? least : rounded;
  return most < above ? most : above;
}

/** y = scale * (code - zero). y may be x. See the top of this file. */
export function fakeQuantizeF32(
  outer: i32, slices: i32, inner: i32, x: usize, scales: usize, zeros: usize, low: f32, high: f32, y: usize,
): void {
  assert(outer >= 0 && slices >= 0 && inner >= 0);
  for (let run = 0; run < outer * slices; run++) {
    const slice = <usize>(run % slices) << 2;
    const scale = load<f32>(scales + slice);
    const zero = load<f32>(zeros + slice);
    for (let i = 0; i < inner; i++, x += 4, y += 4) {
      const code = clampCode(nearest<f32>(load<f32>(x) / scale), low - zero, high - zero);
      // Of -0 it makes 0, which is what a code gives.
      store<f32>(y, (code + 0) * scale);
    }
  }
}

/**
 * The straight-through gradient: dx = dy where the code of x was not clamped, else 0. And for each run of a slice, at
 * sums [outer, slices], what dy is worth by the scale:
 *
 *   sum of dy * (inside ? code - zero - x / scale : code - zero)
 *
 * Products are summed in four parts in turn, joined as (a + b) + (c + d). sums: 0 where they are not wanted. dx may be dy.
 *
 * @see Jacob et al. 2018 (arXiv:1712.05877), section 3; Esser et al. 2020 (arXiv:1902.08153), equation 3
 */
export function fakeQuantizeGradientF32(
  outer: i32, slices: i32, inner: i32, x: usize, dy: usize, scales: usize, zeros: usize, low: f32, high: f32,
  dx: usize, sums: usize,
): void {
  assert(outer >= 0 && slices >= 0 && inner >= 0);
  for (let run = 0; run < outer * slices; run++) {
    const slice = <usize>(run % slices) << 2;
    const scale = load<f32>(scales + slice);
    const zero = load<f32>(zeros + slice);
    let a: f32 = 0;
    let b: f32 = 0;
    let c: f32 = 0;
    let d: f32 = 0;
    for (let i = 0; i < inner; i++, x += 4, dy += 4, dx += 4) {
      const real = load<f32>(x) / scale;
      const rounded = nearest<f32>(real);
      const inside = rounded >= low - zero && rounded <= high - zero;
      const gradient = load<f32>(dy);
      store<f32>(dx, inside ? gradient : 0);
      const worth = gradient * (clampCode(rounded, low - zero, high - zero) - (inside ? real : 0));
      const part = i & 3;
      if (part == 0) a += worth;
      else if (part == 1) b += worth;
      else if (part == 2) c += worth;
      else d += worth;
    }
    if (sums != 0) store<f32>(sums + (<usize>run << 2), a + b + (c + d));
  }
}
