import {
  codebook,
  dense,
  type Encoding,
  elementCount,
  FormatError,
  gapsOf,
  packed,
  sparse,
  Tensor,
} from '@espalier/core';
import { CENTROIDS, type LayerPlace } from './layout.js';

/** Bits of a gap in the file, and the longest. Ours are the same, without entries for nothing. */
const GAP_BITS = 4;
const LONGEST_GAP = 15;

/** The parameters of a layer. */
export interface StoredLayer {
  readonly name: string;
  /** sparse(gaps: packed, values: codebook(centroids: float32, indices: packed)) */
  readonly weight: Encoding;
  readonly bias: Encoding;
}

/**
 * Reads a layer. Each entry skips `gap` zeros and sets the weight behind them; one of code 0 sets a zero, which only bridges
 * a run of zeros longer than a gap can be.
 *
 * @throws {FormatError} when an entry lies behind the layer's last element, or code 0 does not stand for zero
 */
export function readLayer(bytes: Uint8Array, place: LayerPlace, file = 'the file'): StoredLayer {
  const { name, dims, entries } = place;
  const count = elementCount(dims);
  const centroids = floats(bytes, place.codebook, CENTROIDS);
  if (centroids.data[0] !== 0)
    throw damaged(`code 0 stands for ${centroids.data[0]}, not for 0`, name, place.codebook, file);
  const places = new Uint32Array(entries);
  const codes = new Uint8Array(entries);
  let kept = 0;
  let at = -1;
  for (let i = 0; i < entries; i++) {
    const pair = bytes[place.gaps + (i >> 1)]!; // the layout ends within the file
    at += ((pair >> (GAP_BITS * (i & 1))) & LONGEST_GAP) + 1;
    if (at >= count)
      throw damaged(`entry ${i} is weight ${at} of ${count}`, name, place.gaps + (i >> 1), file);
    const code = bytes[place.codes + i]!; // likewise
    if (code === 0) continue;
    places[kept] = at;
    codes[kept++] = code;
  }
  const gaps = gapsOf(places.subarray(0, kept), count, LONGEST_GAP);
  const indices = packed(new Tensor('uint8', codes.slice(0, kept)), 8);
  return {
    name,
    weight: sparse(
      packed(new Tensor('uint8', gaps), GAP_BITS),
      codebook(dense(centroids), indices),
      dims,
      LONGEST_GAP,
    ),
    bias: dense(floats(bytes, place.bias, dims[0] ?? 0)),
  };
}

/** Little-endian float32, which need not be aligned. */
function floats(bytes: Uint8Array, offset: number, count: number): Tensor<'float32'> {
  const view = new DataView(bytes.buffer, bytes.byteOffset + offset, 4 * count);
  return new Tensor(
    'float32',
    Float32Array.from({ length: count }, (_, i) => view.getFloat32(4 * i, true)),
  );
}

function damaged(what: string, layer: string, offset: number, file: string): FormatError {
  return new FormatError({
    what: `The layer "${layer}" is damaged: ${what}.`,
    where: `${file}, byte ${offset}`,
    fix: 'Get the file again.',
  });
}
