/**
 * Codes of n floats on the grid of their own range, centred: int16 q - zero for q in [0, 255]. Writes the scale to `scale`.
 *
 * As ONNX's DynamicQuantizeLinear, opset 11: the range holds 0, scale = f32(high - low) / 255 (1 where that is 0), zero =
 * clamp(round(-low / scale), 0, 255), q = clamp(round(x / scale) + zero, 0, 255), halves to even.
 *
 * x: rows * k floats end to end. codes: rows of `stride` int16, zeros behind the first k. NaN has the code of 0; the scale
 * is NaN then.
 */
export function dynamicCodes(rows: i32, k: i32, x: usize, codes: usize, stride: i32, scale: usize): void {
  assert(rows >= 0 && k >= 0 && stride >= k && (stride & 7) == 0);
  let low: f32 = 0;
  let high: f32 = 0;
  for (let i = 0; i < rows * k; i++) {
    const value = load<f32>(x + (i << 2));
    low = min<f32>(low, value);
    high = max<f32>(high, value);
  }
  const unit: f32 = high == low ? 1 : (high - low) / 255;
  store<f32>(scale, unit);
  const zero = clampCode(nearest<f32>(-low / unit));
  for (let row = 0; row < rows; row++) {
    const to = codes + ((row * stride) << 1);
    for (let i = 0; i < stride; i++) {
      let code: i32 = 0;
      if (i < k) {
        const steps = nearest<f32>(load<f32>(x + ((row * k + i) << 2)) / unit);
        if (steps == steps) code = clampCode(<f32>steps + <f32>zero) - zero;
      }
      store<i16>(to + (i << 1), <i16>code);
    }
  }
}

/** NaN becomes 0. */
export function clampCode(code: f32): i32 {
  if (!(code > 0)) return 0;
  return code > 255 ? 255 : <i32>code;
}
