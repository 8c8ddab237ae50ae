import { AffineEncoding, type Encoding, type Quantization, toFloat32 } from '@espalier/core';
import type { TensorType } from './codes.js';

/** The numbers of a constant as a file holds them: reals, or codes with their grid. */
export interface StoredWeights {
  readonly type: TensorType;
  readonly data: Float32Array | Int8Array | Int32Array;
  readonly grid: Quantization | null;
}

export function storedWeights(encoding: Encoding): StoredWeights {
  if (!(encoding instanceof AffineEncoding)) {
    return { type: 'float32', data: toFloat32(encoding.decode()), grid: null };
  }
  const { quantization, children } = encoding;
  const { data } = children.codes.decode();
  if (data instanceof Int8Array) return { type: 'int8', data, grid: quantization };
  if (data instanceof Int32Array) return { type: 'int32', data, grid: quantization };
  throw new RangeError(`A weight is held as ${quantization.storageType}; int8 and int32 are written.`);
}

/** [outer, channels, inner] to [outer, inner, channels]: OIHW to OHWI, CHW to HWC, C1HW to 1HWC. */
export function channelsLast<T extends StoredWeights['data']>(
  data: T,
  outer: number,
  channels: number,
  inner: number,
): T {
  const out = data.slice() as T; // slice keeps the type of the array
  let to = 0;
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < inner; i++) {
      for (let c = 0; c < channels; c++) out[to++] = data[(o * channels + c) * inner + i] as number; // in range
    }
  }
  return out;
}
