import {
  affine,
  CastEncoding,
  dense,
  type Encoding,
  ModelError,
  positionsOf,
  quantization,
  SparseEncoding,
  Tensor,
  toFloat32,
  walkEncoding,
} from '@espalier/core';
import { firstNotFinite, slicesOf, symmetricCodes, symmetricScales } from './symmetric.js';

/** Whether a tree holds integers that stand for reals already. */
export function isQuantized(encoding: Encoding): boolean {
  return hasKind(encoding, 'affine');
}

function hasKind(encoding: Encoding, kind: string): boolean {
  for (const entry of walkEncoding(encoding)) if (entry.encoding.kind === kind) return true;
  return false;
}

/**
 * Weights as symmetric int8 codes. Zeros stay zero, so a sparse tree stays sparse, with its gaps; weights
 * that share values are given one scale for all of them, so that they still do.
 *
 * @param axis - the dimension with a scale for each slice, or null for one scale
 * @param least - lower bounds of the scales, one a slice
 * @param name - for messages
 * @throws {ModelError} when a weight is NaN or infinite
 */
export function integerWeight(
  encoding: Encoding,
  axis: number | null,
  name: string,
  least?: Float32Array,
): Encoding {
  const values = toFloat32(encoding.decode());
  assertFinite(values, name);
  const shared = hasKind(encoding, 'codebook');
  const along = shared ? null : axis;
  const layout = slicesOf(encoding.dims, along, values.length);
  const bounds = shared && least !== undefined ? Float32Array.of(Math.max(...least)) : least;
  const scale = symmetricScales(values, layout, bounds);
  const codes = symmetricCodes(values, layout, scale);
  return affine(encodeCodes(encoding, codes), quantization({ scale, axis: along }));
}

/** Codes in the shape of the tree they come from: sparse where it was, else dense. */
function encodeCodes(encoding: Encoding, codes: Int8Array): Encoding {
  if (encoding instanceof CastEncoding) return encodeCodes(encoding.children.source, codes);
  if (!(encoding instanceof SparseEncoding)) return dense(new Tensor('int8', codes, encoding.dims));
  const gaps = encoding.children.gaps.decode().data as Uint8Array; // gaps are uint8: the encoding checked it
  const places = positionsOf(gaps, encoding.skip);
  const kept = new Int8Array(places.length);
  for (let i = 0; i < kept.length; i++) kept[i] = codes[places[i] as number] as number; // places are in the tensor
  return encoding.withChildren({ values: dense(new Tensor('int8', kept)) });
}

function assertFinite(values: Float32Array, name: string): void {
  const index = firstNotFinite(values);
  if (index < 0) return;
  throw new ModelError({
    what: `The weight "${name}" is ${values[index]} at element ${index}.`,
    where: `constant "${name}"`,
    fix: 'Train or export the model again; no scale reaches that far.',
  });
}
