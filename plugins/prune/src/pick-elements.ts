import {
  AffineEncoding,
  affine,
  allocate,
  BlockwiseEncoding,
  CastEncoding,
  CodebookEncoding,
  cast,
  codebook,
  dense,
  type Encoding,
  PackedEncoding,
  packed,
  positionsOf,
  SparseEncoding,
  Tensor,
} from '@espalier/core';

/**
 * The elements at some places, as a tensor of rank 1 that is held the same way: shared weights stay
 * shared, codes stay codes. Null where the tree has parameters for each slice along an axis, which a
 * list of elements no longer has.
 *
 * @param places - rising flat indices; of a sparse tensor only such as it keeps
 */
export function pickElements(encoding: Encoding, places: Uint32Array): Encoding | null {
  if (encoding instanceof CodebookEncoding) {
    const indices = encoding.axis === null ? pickElements(encoding.children.indices, places) : null;
    return indices && codebook(encoding.children.centroids, indices);
  }
  if (encoding instanceof AffineEncoding) {
    const codes = encoding.quantization.axis === null ? pickElements(encoding.children.codes, places) : null;
    return codes && affine(codes, encoding.quantization);
  }
  if (encoding instanceof BlockwiseEncoding) return null;
  if (encoding instanceof CastEncoding) {
    const source = pickElements(encoding.children.source, places);
    return source && cast(source);
  }
  if (encoding instanceof SparseEncoding) {
    return pickElements(encoding.children.values, ordinalsOf(encoding, places));
  }
  const picked = pick(encoding.decode(), places);
  if (encoding instanceof PackedEncoding) return packed(picked as Tensor<'uint8'>, encoding.bitWidth); // what was packed is uint8
  return dense(picked);
}

function pick(tensor: Tensor, places: Uint32Array): Tensor {
  const out = allocate(tensor.type, places.length);
  // Typed as float32 for the compiler's sake: source and target have one type.
  const from = tensor.data as Float32Array;
  const to = out as Float32Array;
  for (let i = 0; i < places.length; i++) to[i] = from[places[i]!]!;
  return new Tensor(tensor.type, out, [places.length]);
}

/** Which of a sparse tensor's kept values stand at the given places. */
function ordinalsOf({ children, skip }: SparseEncoding, places: Uint32Array): Uint32Array {
  const kept = positionsOf(children.gaps.decode().data as Uint8Array, skip);
  let ordinal = 0;
  return places.map((place) => {
    while (kept[ordinal]! < place) ordinal++;
    return ordinal;
  });
}
