/** How the places of kept weights are written: the symbol that only skips, and its cost. */
export interface GapPlan {
  /** Bits of a gap symbol, 1..8. */
  readonly bitWidth: number;
  /** The symbol that passes over zeros without a value: 2^bitWidth - 1. */
  readonly skip: number;
}

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
  let previous = -1;
  for (let i = 0; i < positions.length; i++) {
    const position = positions[i]!;
    addFillers(fillers, position - previous - 1);
    previous = position;
  }
  addFillers(fillers, length - previous - 1);
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

/** Counts, for each width, the symbols without a value that a gap needs. */
function addFillers(fillers: Float64Array, gap: number): void {
  for (let bits = 1; bits <= 8; bits++) {
    const skip = 2 ** bits - 1;
    if (gap < skip) return;
    fillers[bits]! += Math.floor(gap / skip);
  }
}
