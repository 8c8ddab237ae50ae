import {
  AffineEncoding,
  allocate,
  BlockwiseEncoding,
  CastEncoding,
  CodebookEncoding,
  dense,
  type Encoding,
  elementCount,
  gapsOf,
  isFloat,
  packed,
  sparse,
  Tensor,
  toFloat32,
} from '@espalier/core';
import { planGaps } from './gaps.js';
import { pickElements } from './pick-elements.js';

/**
 * Plain floats go sparse where that saves a tenth, at densities below 0.87: above, a codebook and a
 * Huffman code gain as much from zeros among the indices, which decode twice as fast.
 */
const WORTH = 0.9;

/**
 * The same tensor with zeros everywhere but at some places, sparse, or as plain floats where so much
 * is kept that gaps save little.
 *
 * What the tree had achieved stays: a codebook is kept, and so is a quantization.
 *
 * @param places - rising flat indices of elements that are not zero
 */
export function keepOnly(encoding: Encoding, places: Uint32Array): Encoding {
  const inside = keepInside(encoding, places);
  if (inside !== null) return inside;
  const masked = sparseOf(encoding, places);
  if (masked === null) return keepOnly(dense(encoding.decode()), places);
  if (!isPlain(encoding) || masked.byteLength < WORTH * encoding.byteLength) return masked;
  return dense(zeroElsewhere(encoding.decode(), places));
}

/**
 * Goes sparse one level down, where a code of 0 stands for zero: under a cast, and under parameters
 * for each slice, which need to know where an element stands.
 */
function keepInside(encoding: Encoding, places: Uint32Array): Encoding | null {
  if (encoding instanceof CastEncoding) {
    return encoding.withChildren({ source: keepOnly(encoding.children.source, places) });
  }
  if (encoding instanceof AffineEncoding && encoding.quantization.axis !== null) {
    const symmetric = encoding.quantization.zeroPoint.every((zero) => zero === 0);
    return symmetric ? encoding.withChildren({ codes: keepOnly(encoding.children.codes, places) }) : null;
  }
  if (encoding instanceof BlockwiseEncoding && encoding.children['zeroPoints'] === undefined)
    return encoding.withChildren({ codes: keepOnly(encoding.children.codes, places) });
  if (encoding instanceof CodebookEncoding && encoding.axis !== null && startsWithZero(encoding)) {
    return encoding.withChildren({ indices: keepOnly(encoding.children.indices, places) });
  }
  return null;
}

function startsWithZero(encoding: CodebookEncoding): boolean {
  const centroids = toFloat32(encoding.children.centroids.decode());
  for (let i = 0; i < centroids.length; i += encoding.centroidCount) if (centroids[i] !== 0) return false;
  return true;
}

function sparseOf(encoding: Encoding, places: Uint32Array): Encoding | null {
  const values = pickElements(encoding, places);
  if (values === null) return null;
  const length = elementCount(encoding.dims);
  const { bitWidth, skip } = planGaps(places, length);
  const gaps = new Tensor('uint8', gapsOf(places, length, skip));
  return sparse(packed(gaps, bitWidth), values, encoding.dims, skip);
}

/** A leaf whose elements can be set to zero one by one without making the rest larger. */
function isPlain(encoding: Encoding): boolean {
  return encoding.kind === 'dense' && isFloat(encoding.type);
}

function zeroElsewhere(tensor: Tensor, places: Uint32Array): Tensor {
  const out = allocate(tensor.type, tensor.size);
  // Typed as float32 for the compiler's sake: source and target have one type.
  const from = tensor.data as Float32Array;
  const to = out as Float32Array;
  for (let i = 0; i < places.length; i++) to[places[i]!] = from[places[i]!]!;
  return new Tensor(tensor.type, out, tensor.dims);
}
