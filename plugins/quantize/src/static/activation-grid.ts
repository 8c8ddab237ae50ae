import { type ActivationRange, clamp, type Quantization, quantization, roundHalfEven } from '@espalier/core';

/**
 * The int8 codes of a range: from -128 for its least value to 127 for its greatest, with a code that is
 * exactly zero, which padding and Relu need. A range that is only zero gets a scale of 1 / 128.
 *
 * @see Jacob et al. 2018 (arXiv:1712.05877), section 2.1 and 3
 */
export function activationGrid(range: ActivationRange, storageType: 'int8' | 'int16' = 'int8'): Quantization {
  if (storageType === 'int16') return wideGrid(range);
  const min = Math.min(range.min, 0);
  const max = Math.max(range.max, 0);
  const scale = Math.fround((max - min) / 255);
  if (!(scale > 2 ** -120)) return quantization({ scale: 1 / 128, zeroPoint: 0 });
  return quantization({ scale, zeroPoint: clamp(roundHalfEven(-128 - min / scale), -128, 127) });
}

/** 16-bit codes are symmetric, as TFLite's are: with 65,535 of them an unused side costs little. */
function wideGrid({ min, max }: ActivationRange): Quantization {
  const scale = Math.fround(Math.max(Math.abs(min), Math.abs(max)) / 32767);
  return quantization({ scale: scale > 2 ** -120 ? scale : 2 ** -15, zeroPoint: 0, storageType: 'int16' });
}

const fixed: Readonly<Record<string, Quantization>> = {
  HardSigmoid: quantization({ scale: 1 / 256, zeroPoint: -128 }),
  Sigmoid: quantization({ scale: 1 / 256, zeroPoint: -128 }),
  Softmax: quantization({ scale: 1 / 256, zeroPoint: -128 }),
  Tanh: quantization({ scale: 1 / 128, zeroPoint: 0 }),
};

/** The codes of operators whose results are known beforehand: TFLite's quantization spec has the same ones. */
export function fixedGrid(op: string): Quantization | null {
  return Object.hasOwn(fixed, op) ? (fixed[op] ?? null) : null;
}

/** The 16-bit codes that the kernels of TensorFlow Lite give for these operators, and no others. */
export function fixedWideGrid(op: string): Quantization | null {
  if (op !== 'Sigmoid' && op !== 'Softmax' && op !== 'Tanh') return null;
  return quantization({ scale: 2 ** -15, zeroPoint: 0, storageType: 'int16' });
}
