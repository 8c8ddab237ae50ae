import { dense, type Model, Tensor, toFloat32 } from '@espalier/core';

/** Bits of a float32's mantissa. */
const MANTISSA = 23;

/**
 * Rounds the biases to few bits of mantissa, half away from zero: a coder behind stores no low bits that are zero in
 * all of them.
 *
 * @param bits - 0 to 23 bits behind the leading one
 */
export function roundBiases(original: Model, bits: number): Model {
  const model = original.clone();
  for (const value of model.graph.constants) {
    if (value.constant === null || !value.name.endsWith('.bias')) continue;
    const { dims } = value.constant;
    const rounded = toFloat32(value.constant.decode()).map((bias) => roundMantissa(bias, bits));
    model.graph.replaceConstant(value, dense(new Tensor('float32', rounded, dims)));
  }
  return model;
}

/** A float32 rounded to `bits` bits of mantissa; a carry goes into the exponent, as it should. */
export function roundMantissa(value: number, bits: number): number {
  const word = new Uint32Array(1);
  const real = new Float32Array(word.buffer);
  real[0] = value;
  const cut = MANTISSA - bits;
  const half = cut === 0 ? 0 : 2 ** (cut - 1);
  word[0] = Math.floor(((word[0] ?? 0) + half) / 2 ** cut) * 2 ** cut;
  return real[0];
}
