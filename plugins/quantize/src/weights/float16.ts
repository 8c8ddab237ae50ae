import {
  cast,
  DenseEncoding,
  dense,
  type Encoding,
  mapEncoding,
  Tensor,
  toFloat16Bits,
  toFloat32,
} from '@espalier/core';

/** The largest magnitude that float16 has a finite number for. IEEE 754-2019, binary16. */
const largest = 65504;

/**
 * Every float32 leaf of a tree held as float16; null where a value would become infinite.
 * Half to even; what is nearer to 0 than 2^-25 becomes 0.
 */
export function toFloat16(encoding: Encoding): Encoding | null {
  let fits = true;
  const halved = mapEncoding(encoding, (leaf) => {
    if (!(leaf instanceof DenseEncoding) || leaf.type !== 'float32') return leaf;
    const values = toFloat32(leaf.tensor);
    fits &&= values.every((value) => !(Math.abs(value) > largest && Number.isFinite(value)));
    return cast(dense(new Tensor('float16', toFloat16Bits(values), leaf.dims)));
  });
  return fits ? halved : null;
}
