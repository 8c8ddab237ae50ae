/** How the places of kept weights are written: the symbol that only skips, and its cost. */
export interface GapPlan {
  /** Bits of a gap symbol, 1..8. */
  readonly bitWidth: number;
  /** The symbol that passes over zeros without a value: 2^bitWidth - 1. */
  readonly skip: number;
}

/** Gaps below this are counted by size first: nearly all are, and dividing each was five times slower. */
const SHORT_GAP = 1024;

/**
 * The width of gap symbols that takes the fewest bytes.
 *
 * Narrow symbols are short, but long gaps need several of them. For places drawn at random the
 * entropy of the symbols hardly depends on the width, so that a coder behind loses nothing by it.
 *
 * @param positions - rising indices of the kept weights
 * @param length - elements of the whole tensor
 * @see Deep Compression (arXiv:1510.00149), section 2 and figure 2
 */
export function planGaps(positions: Uint32Array, length: number): GapPlan {
  const fillers = new Float64Array(9);
  const sizes = new Uint32Array(SHORT_GAP);
  let previous = -1;
  for (let i = 0; i < positions.length; i++) {
    const gap = positions[i]! - previous - 1;
    if (gap < SHORT_GAP) sizes[gap]!++;
    else addFillers(fillers, gap, 1);
    previous = positions[i]!;
  }
  addFillers(fillers, length - previous - 1, 1);
  for (let gap = 1; gap < SHORT_GAP; gap++) addFillers(fillers, gap, sizes[gap]!);
  let bitWidth = 8;
  let best = Infinity;
  for (let bits = 8; bits >= 1; bits--) {
    const cost = bits * (positions.length + fillers[bits]!);
    if (cost >= best) continue;
    best = cost;
    bitWidth = bits;
  }
  return { bitWidth, skip: 2 ** bitWidth - 1 };
}

/** Adds, for each width, the symbols without a value that `count` gaps of one size need. */
function addFillers(fillers: Float64Array, gap: number, count: number): void {
  for (let bits = 1; bits <= 8; bits++) {
    const skip = 2 ** bits - 1;
    if (gap < skip) return;
    fillers[bits]! += count * Math.floor(gap / skip);
  }
}
