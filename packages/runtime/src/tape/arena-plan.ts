/** Something that needs `sizeBytes` bytes from instruction `first` up to, not including, `last`. */
export interface Lifetime {
  readonly sizeBytes: number;
  readonly first: number;
  readonly last: number;
}

export interface ArenaPlan {
  /** Bytes from the start of the arena, one for each lifetime: multiples of 16. */
  readonly offsets: readonly number[];
  readonly sizeBytes: number;
}

interface Placed extends Lifetime {
  readonly offset: number;
}

/**
 * Places buffers so that those alive at the same time do not overlap: the largest first, each in the
 * smallest gap that holds it between those that are alive with it.
 *
 * @see Pisarchyk and Lee 2020, "Efficient Memory Management for Deep Neural Net Inference"
 *   (arXiv:2001.03288), section 5.2, greedy by size
 */
export function planArena(lifetimes: readonly Lifetime[]): ArenaPlan {
  const order = lifetimes.map((_, index) => index).sort((a, b) => sizeAt(b) - sizeAt(a) || a - b);
  function sizeAt(index: number): number {
    return lifetimes[index]?.sizeBytes ?? 0;
  }
  const offsets = new Array<number>(lifetimes.length).fill(0);
  const placed: Placed[] = [];
  let end = 0;
  for (const index of order) {
    const lifetime = lifetimes[index];
    if (lifetime === undefined) continue;
    const offset = bestGap(placed, lifetime);
    offsets[index] = offset;
    insert(placed, { ...lifetime, offset });
    end = Math.max(end, offset + aligned(lifetime.sizeBytes));
  }
  return { offsets, sizeBytes: end };
}

/** The start of the smallest gap that holds it; past the last neighbour where there is none. */
function bestGap(placed: readonly Placed[], { sizeBytes, first, last }: Lifetime): number {
  let cursor = 0;
  let best = -1;
  let bestSize = Number.POSITIVE_INFINITY;
  for (const other of placed) {
    if (other.first >= last || first >= other.last) continue;
    const gap = other.offset - cursor;
    if (gap >= sizeBytes && gap < bestSize) {
      best = cursor;
      bestSize = gap;
    }
    cursor = Math.max(cursor, other.offset + aligned(other.sizeBytes));
  }
  return best < 0 ? cursor : best;
}

/** Keeps the list in the order of offsets. */
function insert(placed: Placed[], entry: Placed): void {
  let low = 0;
  let high = placed.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((placed[middle]?.offset ?? 0) <= entry.offset) low = middle + 1;
    else high = middle;
  }
  placed.splice(low, 0, entry);
}

function aligned(sizeBytes: number): number {
  return Math.ceil(sizeBytes / 16) * 16;
}
