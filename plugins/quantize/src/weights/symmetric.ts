import { type BlockLayout, clamp, roundHalfEven, type SliceLayout, sliceLayout } from '@espalier/core';

/**
 * Codes of symmetric weights reach to 127 on both sides, or 7 of 4 bits: the least code of two's complement is left out, so
 * that -w is a code where w is one.
 *
 * @param bitWidth - 2 to 8
 */
export function largestCode(bitWidth: number): number {
  return 2 ** (bitWidth - 1) - 1;
}

/** How a tensor is cut into parts with a scale each; one part where `axis` is null. */
export function slicesOf(dims: readonly number[], axis: number | null, size: number): SliceLayout {
  return axis === null ? { outer: 1, slices: 1, inner: size } : sliceLayout(dims, axis);
}

/** Which weights share a scale: slices, or blocks. */
export type ScaleLayout = SliceLayout | BlockLayout;

/** Scales that a layout has. */
export function scaleCount(layout: ScaleLayout): number {
  return 'blocks' in layout ? layout.outer * layout.blocks * layout.inner : layout.slices;
}

/** Calls `visit` with each run of neighbours that share a scale. */
function eachRun(layout: ScaleLayout, visit: (slice: number, start: number, end: number) => void): void {
  if ('blocks' in layout) {
    eachBlockRun(layout, visit);
    return;
  }
  const { outer, slices, inner } = layout;
  for (let o = 0; o < outer; o++) {
    for (let s = 0; s < slices; s++) visit(s, (o * slices + s) * inner, (o * slices + s + 1) * inner);
  }
}

function eachBlockRun(
  { outer, length, inner, blockSize, blocks }: BlockLayout,
  visit: (slice: number, start: number, end: number) => void,
): void {
  for (let o = 0; o < outer; o++) {
    if (inner === 1) {
      for (let b = 0; b < blocks; b++) {
        const end = Math.min((b + 1) * blockSize, length);
        visit(o * blocks + b, o * length + b * blockSize, o * length + end);
      }
      continue;
    }
    for (let i = 0; i < length; i++) {
      const [block, start] = [(o * blocks + Math.floor(i / blockSize)) * inner, (o * length + i) * inner];
      for (let n = 0; n < inner; n++) visit(block + n, start + n, start + n + 1);
    }
  }
}

/** The scale of each weight. */
export function scaleOfEach(layout: ScaleLayout, scales: Float32Array, size: number): Float32Array {
  const each = new Float32Array(size);
  eachRun(layout, (slice, start, end) => each.fill(scales[slice] as number, start, end)); // one a slice
  return each;
}

/**
 * The smallest scale for each slice that reaches its largest magnitude: max |w| / largest, in float32.
 * A slice of zeros has the scale 1.
 *
 * @param largest - code
 * @param least - lower bounds of the scales, one a slice
 */
export function symmetricScales(
  values: Float32Array,
  layout: ScaleLayout,
  largest = 127,
  least: Float32Array = new Float32Array(scaleCount(layout)),
): Float32Array {
  const scales = new Float32Array(scaleCount(layout));
  eachRun(layout, (slice, start, end) => {
    let reach = scales[slice] ?? 0;
    for (let i = start; i < end; i++) reach = Math.max(reach, Math.abs(values[i] as number)); // i < length
    scales[slice] = reach;
  });
  return scales.map((reach, slice) => {
    const scale = Math.max(reach / largest, least[slice] ?? 0);
    // Below the normal range a quotient by the scale would lose its bits.
    return scale < 2 ** -120 ? 1 : scale;
  });
}

/** Fractions of the largest scale that are tried: from all of it down to two fifths, a hundredth at a time. */
const fractions = Array.from({ length: 61 }, (_, i) => 1 - i / 100);

/**
 * For each slice the fraction of its scale with the least squared error of its weights: with few codes it pays to cut off the
 * largest ones.
 *
 * @param scales - that reach the largest magnitudes
 * @param least - lower bounds of the scales, one a slice
 * @see Banner et al. 2019 (arXiv:1810.05723), section 3
 */
export function leastSquaresScales(
  values: Float32Array,
  layout: ScaleLayout,
  largest: number,
  scales: Float32Array,
  least: Float32Array = new Float32Array(scaleCount(layout)),
): Float32Array {
  const best = scales.slice();
  const errors = squaredErrors(values, layout, largest, best);
  for (const fraction of fractions.slice(1)) {
    const tried = scales.map((scale, slice) => Math.max(scale * fraction, least[slice] ?? 0));
    for (const [slice, error] of squaredErrors(values, layout, largest, tried).entries()) {
      if (error >= (errors[slice] as number)) continue; // one a slice
      errors[slice] = error;
      best[slice] = tried[slice] as number; // likewise
    }
  }
  return best;
}

function squaredErrors(
  values: Float32Array,
  layout: ScaleLayout,
  largest: number,
  scales: Float32Array,
): Float64Array {
  const errors = new Float64Array(scaleCount(layout));
  eachRun(layout, (slice, start, end) => {
    const scale = scales[slice] as number; // one a slice
    let sum = errors[slice] as number; // likewise
    for (let i = start; i < end; i++) {
      const value = values[i] as number; // i < length
      const error = value - scale * clamp(roundHalfEven(value / scale), -largest, largest);
      sum += error * error;
    }
    errors[slice] = sum;
  });
  return errors;
}

/**
 * Quantizes to int8 with one scale per slice, zero point 0.
 *
 * q = clamp(roundHalfEven(f32(w / scale)), -largest, largest)
 *
 * @see ONNX QuantizeLinear, opset 21; Jacob et al. 2018 (arXiv:1712.05877), section 2.1
 */
export function symmetricCodes(
  values: Float32Array,
  layout: ScaleLayout,
  scales: Float32Array,
  largest = 127,
): Int8Array {
  const codes = new Int8Array(values.length);
  eachRun(layout, (slice, start, end) => {
    const scale = scales[slice] as number; // one a slice
    for (let i = start; i < end; i++) {
      const quotient = Math.fround((values[i] as number) / scale); // i < length
      codes[i] = clamp(roundHalfEven(quotient), -largest, largest);
    }
  });
  return codes;
}

/** Index of the first element that is no finite number; -1 where all are. */
export function firstNotFinite(values: Float32Array): number {
  return values.findIndex((value) => !Number.isFinite(value));
}
