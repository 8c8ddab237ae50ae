import { codebook, codedBytes, dense, type Encoding, gapsOf, packed, sparse, Tensor } from '@espalier/core';
import { type Levels, MOST_LEVELS } from './step-quantizer.js';

/** The longest gap between two weights that are kept: gaps take a byte before they are coded. */
const LONGEST_GAP = 255;

/** Bits of an index among `count`; one value takes one bit. */
function indexBits(count: number): number {
  return Math.max(1, Math.ceil(Math.log2(count)));
}

/**
 * Weights over a codebook of the levels that occur: with zeros as gaps, or as one of the values, whichever an ideal coder makes
 * smaller.
 */
export function levelEncoding({ levels, means }: Levels, dims: readonly number[]): Encoding {
  const whole = overCodebook(levels, means, dims);
  if (!levels.includes(0)) return whole;
  const places = Uint32Array.from(Array.from(levels.keys()).filter((i) => levels[i] !== 0));
  const kept = Int8Array.from(places, (place) => levels[place]!);
  const gaps = packed(new Tensor('uint8', gapsOf(places, levels.length, LONGEST_GAP)), 8);
  const apart = sparse(gaps, overCodebook(kept, means, [kept.length]), dims, LONGEST_GAP);
  return codedBytes(apart) < codedBytes(whole) ? apart : whole;
}

function overCodebook(levels: Int8Array, means: Float32Array, dims: readonly number[]): Encoding {
  const used = [...new Set(levels)].sort((a, b) => a - b);
  // A codebook is never empty, even that of no weights.
  const values =
    used.length === 0 ? new Float32Array(1) : Float32Array.from(used, (level) => means[level + MOST_LEVELS]!);
  const indexOf = new Uint8Array(2 * MOST_LEVELS + 1);
  for (const [index, level] of used.entries()) indexOf[level + MOST_LEVELS] = index;
  const indices = Uint8Array.from(levels, (level) => indexOf[level + MOST_LEVELS]!);
  return codebook(
    dense(new Tensor('float32', values)),
    packed(new Tensor('uint8', indices, dims), indexBits(values.length)),
  );
}
