/** The longest code a table may hold; lengths fit a nibble. */
export const MAX_CODE_BITS = 15;

/** How often each of the 256 byte values occurs. */
export function countSymbols(symbols: Uint8Array): Float64Array {
  // Four histograms in turn: runs of one symbol would wait for the store before each next load.
  const lanes = new Uint32Array(1024);
  const end = symbols.length - (symbols.length % 4);
  for (let i = 0; i < end; i += 4) {
    lanes[symbols[i]!]!++;
    lanes[256 + symbols[i + 1]!]!++;
    lanes[512 + symbols[i + 2]!]!++;
    lanes[768 + symbols[i + 3]!]!++;
  }
  for (let i = end; i < symbols.length; i++) lanes[symbols[i]!]!++;
  const counts = new Float64Array(256);
  for (let s = 0; s < 256; s++) counts[s] = lanes[s]! + lanes[256 + s]! + lanes[512 + s]! + lanes[768 + s]!;
  return counts;
}

/**
 * Code lengths of least total size under a length limit, by package-merge.
 *
 * A symbol that does not occur gets length 0. A single symbol gets length 1, so that a stream's
 * bytes always bound the number of its symbols.
 *
 * @param counts - occurrences of each symbol, at least 0, at most 2^32 each
 * @param maxBits - the longest code allowed, 1..15; 2^maxBits must reach the number of used symbols
 * @returns a length of 0..maxBits for each symbol
 * @see Larmore and Hirschberg 1990, "A fast algorithm for optimal length-limited Huffman codes"
 */
export function codeLengths(counts: Float64Array, maxBits: number = MAX_CODE_BITS): Uint8Array {
  const lengths = new Uint8Array(counts.length);
  const used = usedSymbols(counts);
  if (used.length === 1) lengths[used[0]!] = 1;
  if (used.length < 2) return lengths;
  if (2 ** maxBits < used.length) {
    throw new RangeError(`${used.length} symbols do not fit codes of ${maxBits} bits.`);
  }
  const weights = Float64Array.from(used, (symbol) => counts[symbol]!);
  const levels = packageLevels(weights, maxBits);
  // Of the cheapest 2n - 2 items each package stands for two items of the level below; each leaf
  // met on the way makes its symbol's code one bit longer.
  let take = 2 * used.length - 2;
  for (let level = levels.length - 1; level >= 0; level--) {
    const packages = packagesAmong(levels[level]!, take);
    for (let i = 0; i < take - packages; i++) lengths[used[i]!]!++;
    take = 2 * packages;
  }
  return lengths;
}

/** The symbols that occur, rarest first; equals in order of symbol, so that codes are reproducible. */
function usedSymbols(counts: Float64Array): number[] {
  const used: number[] = [];
  for (let symbol = 0; symbol < counts.length; symbol++) if (counts[symbol]! > 0) used.push(symbol);
  return used.sort((a, b) => counts[a]! - counts[b]! || a - b);
}

/** For each level, whether the i-th cheapest item is a package (1) of the level before or a leaf (0). */
function packageLevels(weights: Float64Array, maxBits: number): Uint8Array[] {
  const levels: Uint8Array[] = [];
  let previous: Float64Array = new Float64Array(0);
  for (let level = 0; level < maxBits; level++) {
    const packages = pairSums(previous);
    const items = new Float64Array(weights.length + packages.length);
    const isPackage = new Uint8Array(items.length);
    let leaf = 0;
    let pack = 0;
    for (let i = 0; i < items.length; i++) {
      const takeLeaf =
        pack === packages.length || (leaf < weights.length && weights[leaf]! <= packages[pack]!);
      isPackage[i] = takeLeaf ? 0 : 1;
      items[i] = takeLeaf ? weights[leaf++]! : packages[pack++]!;
    }
    levels.push(isPackage);
    previous = items;
  }
  return levels;
}

function pairSums(items: Float64Array): Float64Array {
  const sums = new Float64Array(items.length >> 1);
  for (let i = 0; i < sums.length; i++) sums[i] = items[2 * i]! + items[2 * i + 1]!;
  return sums;
}

function packagesAmong(isPackage: Uint8Array, take: number): number {
  let packages = 0;
  for (let i = 0; i < take; i++) packages += isPackage[i]!;
  return packages;
}
