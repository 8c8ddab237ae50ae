import { AWAY, DIVIDED, UNIT_BYTES } from '../packed-dynamic';

/**
 * Puts `ranges` runs of `count` floats each, end to end, on grids of their own ranges: int8 codes in the same places, and at
 * `units` the scale (float32) and the zero point (int32) of each run. A range holds 0, and zero is exactly a code.
 *
 * way DIVIDED is ONNX's DynamicQuantizeLinear, opset 11, with 128 taken off its codes: scale = f32(high - low) / 255 (1 where that is
 * 0), zero = clamp(round(-low / scale), 0, 255) - 128, q = clamp(round(x / scale) + zero, -128, 127), halves to even.
 * way MULTIPLIED is xnn_qd8_asymmetric_quantization_params in XNNPACK: inverse = 255 / f32(high - low), scale = 1 / inverse, zero
 * from the end of the range that is nearer to 0, q = clamp(round(x * inverse) + zero, -128, 127), halves to even.
 * way AWAY is PortableAsymmetricQuantizeFloats in tensorflow/lite/kernels/internal/reference/portable_tensor_utils.cc: scale = f32 of
 * (high - low) / 255 in float64, zero likewise, q = clamp(round(zero + x * (1 / scale)), -128, 127), halves away from zero.
 *
 * NaN has the lowest code; the scale of its run is NaN.
 */
export function dynamicCodes(ranges: i32, count: i32, x: usize, codes: usize, units: usize, way: i32): void {
  assert(ranges >= 0 && count >= 0 && way >= DIVIDED && way <= AWAY);
  for (; ranges > 0; ranges--) {
    let low: f32 = 0;
    let high: f32 = 0;
    let hasNaN = false;
    for (let i = 0; i < count; i++) {
      const value = load<f32>(x + (i << 2));
      if (value < low) low = value;
      if (value > high) high = value;
      hasNaN = hasNaN || value != value;
    }
    const factor = writeUnit(low, high, hasNaN, units, way);
    const zero = load<i32>(units, 4);
    for (let i = 0; i < count; i++) store<i8>(codes + i, <i8>codeOf(load<f32>(x + (i << 2)), factor, zero, way));
    x += <usize>count << 2;
    codes += count;
    units += UNIT_BYTES;
  }
}

/** Bounds are whole numbers: clamped before they are rounded, steps give the same. */
export function codeOf(value: f32, factor: f32, zero: i32, way: i32): i32 {
  if (way == AWAY) {
    const code = inside(<f32>zero + value * factor, -128, 127);
    const whole = trunc<f32>(code);
    return <i32>(abs<f32>(code - whole) < 0.5 ? whole : whole + copysign<f32>(1, code));
  }
  const steps = way == DIVIDED ? value / factor : value * factor;
  return <i32>nearest<f32>(inside(steps, -128 - <f32>zero, 127 - <f32>zero)) + zero;
}

/** NaN becomes the lower bound. */
function inside(steps: f32, least: f32, most: f32): f32 {
  const above = steps > least ? steps : least;
  return above < most ? above : most;
}

/** Writes scale and zero point of a range; gives what values are divided by, or multiplied with. */
export function writeUnit(low: f32, high: f32, hasNaN: bool, unit: usize, way: i32): f32 {
  const span = high - low;
  let scale: f32 = 1;
  let factor: f32 = 1;
  let zero: f64 = 0;
  if (way == DIVIDED) {
    if (span != 0) scale = span / 255;
    factor = scale;
    zero = nearest<f32>(-low / scale) - 128;
  } else if (way == AWAY) {
    if (span != 0) {
      const wide = (<f64>high - <f64>low) / 255;
      const first = <f64>low / wide;
      const last = <f64>high / wide;
      scale = <f32>wide;
      factor = 1 / scale;
      // Of -128 - first and 127 - last, whose fractions are halves now and then, the one of the lesser error.
      zero = 128 + abs<f64>(first) < 127 + abs<f64>(last) ? -128 - first : 127 - last;
      const whole = trunc<f64>(zero);
      if (abs<f64>(zero - whole) >= 0.5) zero = whole + copysign<f64>(1, zero);
      else zero = whole;
    }
  } else {
    if (span != 0) factor = 255 / span;
    scale = 1 / factor;
    const first = low * factor;
    const last = high * factor;
    zero = nearest<f32>(first - 128 + (127 + last) > 0 ? -128 - first : 127 - last);
  }
  store<f32>(unit, hasNaN ? NaN : scale);
  store<i32>(unit, zero > -128 ? (zero < 127 ? <i32>zero : 127) : -128, 4);
  return factor;
}
