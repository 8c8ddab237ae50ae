import { clamp, roundHalfEven, type SliceLayout, sliceLayout } from '@espalier/core';

/** Codes of symmetric weights reach to 127 on both sides: -128 is left out, so that -w is a code where w is one. */
const largestCode = 127;

/** How a tensor is cut into parts with a scale each; one part where `axis` is null. */
export function slicesOf(dims: readonly number[], axis: number | null, size: number): SliceLayout {
  return axis === null ? { outer: 1, slices: 1, inner: size } : sliceLayout(dims, axis);
}

/** Calls `visit` with each run of neighbours that share a slice. */
function eachRun(layout: SliceLayout, visit: (slice: number, start: number, end: number) => void): void {
  const { outer, slices, inner } = layout;
  for (let o = 0; o < outer; o++) {
    for (let s = 0; s < slices; s++) visit(s, (o * slices + s) * inner, (o * slices + s + 1) * inner);
  }
}

/**
 * The smallest scale for each slice that reaches its largest magnitude: max |w| / 127, in float32.
 * A slice of zeros has the scale 1.
 *
 * @param least - lower bounds of the scales, one a slice
 */
export function symmetricScales(
  values: Float32Array,
  layout: SliceLayout,
  least: Float32Array = new Float32Array(layout.slices),
): Float32Array {
  const scales = new Float32Array(layout.slices);
  eachRun(layout, (slice, start, end) => {
    let largest = scales[slice] ?? 0;
    for (let i = start; i < end; i++) largest = Math.max(largest, Math.abs(values[i] as number)); // i < length
    scales[slice] = largest;
  });
  return scales.map((largest, slice) => {
    const scale = Math.max(largest / largestCode, least[slice] ?? 0);
    // Below the normal range a quotient by the scale would lose its bits.
    return scale < 2 ** -120 ? 1 : scale;
  });
}

/**
 * Quantizes to int8 with one scale per slice, zero point 0.
 *
 * q = clamp(roundHalfEven(f32(w / scale)), -127, 127)
 *
 * @see ONNX QuantizeLinear, opset 21; Jacob et al. 2018 (arXiv:1712.05877), section 2.1
 */
export function symmetricCodes(values: Float32Array, layout: SliceLayout, scales: Float32Array): Int8Array {
  const codes = new Int8Array(values.length);
  eachRun(layout, (slice, start, end) => {
    const scale = scales[slice] as number; // one a slice
    for (let i = start; i < end; i++) {
      const quotient = Math.fround((values[i] as number) / scale); // i < length
      codes[i] = clamp(roundHalfEven(quotient), -largestCode, largestCode);
    }
  });
  return codes;
}

/** Index of the first element that is no finite number; -1 where all are. */
export function firstNotFinite(values: Float32Array): number {
  return values.findIndex((value) => !Number.isFinite(value));
}
