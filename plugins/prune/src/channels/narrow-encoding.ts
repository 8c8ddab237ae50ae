import {
  AffineEncoding,
  affine,
  allocate,
  BlockwiseEncoding,
  blockwise,
  CastEncoding,
  CodebookEncoding,
  cast,
  codebook,
  dense,
  type Encoding,
  elementCount,
  gapsOf,
  PackedEncoding,
  packed,
  positionsOf,
  type Quantization,
  quantization,
  SparseEncoding,
  sliceLayout,
  sparse,
  Tensor,
} from '@espalier/core';
import { planGaps } from '../gaps.js';
import { pickElements } from '../pick-elements.js';

/**
 * A tensor with some slices along an axis only, held the same way: shared weights stay shared, codes codes, a sparse
 * tensor sparse.
 *
 * @param kept - rising indices along `axis`
 */
export function narrowEncoding(encoding: Encoding, axis: number, kept: Uint32Array): Encoding {
  if (encoding instanceof CastEncoding) return cast(narrowEncoding(encoding.children.source, axis, kept));
  if (encoding instanceof AffineEncoding) {
    const codes = narrowEncoding(encoding.children.codes, axis, kept);
    return affine(codes, narrowQuantization(encoding.quantization, axis, kept));
  }
  // Blocks are left out as a whole or not at all: along their own axis there is no narrower tensor.
  if (encoding instanceof BlockwiseEncoding && encoding.axis !== axis) {
    const { codes, scales, zeroPoints } = encoding.children;
    const narrow = (part: Encoding): Encoding => narrowEncoding(part, axis, kept);
    const parts = {
      codes: narrow(codes),
      scales: narrow(scales),
      zeroPoints: zeroPoints && narrow(zeroPoints),
    };
    return blockwise(parts, encoding.axis, encoding.blockSize);
  }
  if (encoding instanceof CodebookEncoding) {
    const { centroids, indices } = encoding.children;
    const own = encoding.axis === axis ? narrowEncoding(centroids, 0, kept) : centroids;
    return codebook(own, narrowEncoding(indices, axis, kept), encoding.axis);
  }
  if (encoding instanceof SparseEncoding) return narrowSparse(encoding, axis, kept);
  const narrow = narrowTensor(encoding.decode(), axis, kept);
  if (encoding instanceof PackedEncoding) return packed(narrow as Tensor<'uint8'>, encoding.bitWidth); // what was packed is uint8
  return dense(narrow);
}

/** The parameters of some slices; all where they are those of the whole tensor, or of another axis. */
export function narrowQuantization(q: Quantization, axis: number, kept: Uint32Array): Quantization {
  if (q.axis !== axis) return q;
  const scale = Float32Array.from(kept, (slice) => q.scale[slice] as number); // one for each slice
  const zeroPoint = Int32Array.from(kept, (slice) => q.zeroPoint[slice] as number); // likewise
  return quantization({ ...q, scale, zeroPoint });
}

function narrowTensor(tensor: Tensor, axis: number, kept: Uint32Array): Tensor {
  const { outer, slices, inner } = sliceLayout(tensor.dims, axis);
  const dims = narrowDims(tensor.dims, axis, kept);
  const out = allocate(tensor.type, elementCount(dims));
  // Typed as float32 for the compiler's sake: source and target have one type.
  const [from, to] = [tensor.data as Float32Array, out as Float32Array];
  let at = 0;
  for (let o = 0; o < outer; o++) {
    for (const slice of kept) {
      const start = (o * slices + slice) * inner;
      to.set(from.subarray(start, start + inner), at);
      at += inner;
    }
  }
  return new Tensor(tensor.type, out, dims);
}

function narrowDims(dims: readonly number[], axis: number, kept: Uint32Array): readonly number[] {
  return dims.map((dim, i) => (i === axis ? kept.length : dim));
}

/** Places move together; their order stays. */
function narrowSparse(encoding: SparseEncoding, axis: number, kept: Uint32Array): Encoding {
  const { slices, inner } = sliceLayout(encoding.dims, axis);
  const target = new Int32Array(slices).fill(-1);
  for (const [to, from] of kept.entries()) target[from] = to;
  const ordinals: number[] = [];
  const places: number[] = [];
  const before = positionsOf(encoding.children.gaps.decode().data as Uint8Array, encoding.skip); // `sparse` takes gaps of uint8 only
  for (const [ordinal, place] of before.entries()) {
    const row = Math.floor(place / inner);
    const to = target[row % slices] as number; // below the count of slices
    if (to < 0) continue;
    ordinals.push(ordinal);
    places.push((Math.floor(row / slices) * kept.length + to) * inner + (place % inner));
  }
  const values = pickElements(encoding.children.values, Uint32Array.from(ordinals));
  if (values === null) return narrowEncoding(dense(encoding.decode()), axis, kept);
  const dims = narrowDims(encoding.dims, axis, kept);
  const { bitWidth, skip } = planGaps(Uint32Array.from(places), elementCount(dims));
  const gaps = new Tensor('uint8', gapsOf(Uint32Array.from(places), elementCount(dims), skip));
  return sparse(packed(gaps, bitWidth), values, dims, skip);
}
