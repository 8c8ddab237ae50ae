import {
  affine,
  cast,
  codebook,
  dense,
  type Encoding,
  elementCount,
  gapsOf,
  mapEncoding,
  packed,
  quantization,
  sparse,
  Tensor,
  tensorOf,
  toNumbers,
} from '@espalier/core';
import { seededValues } from '../../seeded-values.js';

/** Trees with `encoding` in a slot of each core kind that takes its type and shape. */
export function wrappings(encoding: Encoding): readonly Encoding[] {
  const { type, dims } = encoding;
  const wrapped: Encoding[] = [];
  if (dims.length === 1) wrapped.push(asSparseValues(encoding));
  if (type === 'float16') wrapped.push(cast(encoding));
  if (/^u?int(8|16|32)$/.test(type)) wrapped.push(...asCodes(encoding));
  if (type === 'uint8') wrapped.push(...asIndices(encoding));
  return wrapped;
}

/** The tree with every dense or packed leaf under it replaced by leaves of other kinds, where these fit. */
export function leafVariants(encoding: Encoding, leaves: readonly Leaf[]): readonly Encoding[] {
  return leaves.map((leaf) =>
    mapEncoding(encoding, (part) => {
      const isLeaf = part !== encoding && (part.kind === 'dense' || part.kind === 'packed');
      return isLeaf ? (leaf(part.decode()) ?? part) : part;
    }),
  );
}

/** Holds a tensor, or says null where it is of a type or size that the kind can't hold. */
export type Leaf = (tensor: Tensor) => Encoding | null;

/** The leaves that core has. */
export const coreLeaves: readonly Leaf[] = [
  dense,
  (tensor) => (tensor.type === 'uint8' ? packed(tensor as Tensor<'uint8'>, bitsOf(tensor)) : null),
];

function bitsOf(tensor: Tensor): number {
  let largest = 0;
  const codes = toNumbers(tensor);
  for (let i = 0; i < codes.length; i++) largest = Math.max(largest, codes[i] ?? 0);
  return Math.max(1, Math.ceil(Math.log2(largest + 1)));
}

function asSparseValues(values: Encoding): Encoding {
  const kept = elementCount(values.dims);
  const step = 3;
  const positions = Uint32Array.from({ length: kept }, (_, i) => i * step + (i % 2));
  const length = kept * step + 300;
  return sparse(dense(new Tensor('uint8', gapsOf(positions, length, 255))), values, [length], 255);
}

function asCodes(codes: Encoding): readonly Encoding[] {
  const storageType = codes.type as 'int8'; // the caller matched the integer types
  const whole = affine(codes, quantization({ scale: 0.25, zeroPoint: 3, storageType }));
  const slices = codes.dims[0];
  if (slices === undefined || slices === 0 || codes.dims.length < 2) return [whole];
  const scale = Float32Array.from(seededValues('scales', slices, 0.01, 1));
  return [whole, affine(codes, quantization({ scale, axis: 0, storageType }))];
}

function asIndices(indices: Encoding): readonly Encoding[] {
  const centroids = tensorOf('float32', seededValues('centroids', 256), [256]);
  const shared = codebook(dense(centroids), indices);
  const slices = indices.dims[0];
  if (slices === undefined || slices === 0 || indices.dims.length < 2) return [shared];
  const each = tensorOf('float32', seededValues('centroids', 256 * slices), [slices, 256]);
  return [shared, codebook(dense(each), indices, 0)];
}
