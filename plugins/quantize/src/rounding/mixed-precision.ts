/** Widths that are given, from the widest down. */
export const bitWidths: readonly number[] = [8, 6, 5, 4, 3, 2];

/** A layer whose width is open. */
export interface OpenLayer {
  readonly name: string;
  /** Weights. */
  readonly size: number;
  /** Error of the layer's output over its signal, as powers, at each of `bitWidths`. */
  readonly noise: readonly number[];
}

/** What mixed precision keeps to. */
export interface MixedBudget {
  /** Bits of a weight, averaged over all of them, at most. */
  readonly averageBits: number;
  /** SQNR of a layer's output in dB, below which its width does not fall. */
  readonly leastDb: number;
}

/**
 * A width for each layer. All begin at the widest; the one that loses least for the bits it saves gets the next
 * narrower one, until the average is within the budget or nobody can give more.
 *
 * @returns bits by name
 * @see Dong et al. 2019 (arXiv:1905.03696), for sensitivities by layer; here they are measured, not the curvature of a loss
 */
export function mixedBits(
  layers: readonly OpenLayer[],
  { averageBits, leastDb }: MixedBudget,
): ReadonlyMap<string, number> {
  // Products, not powers: their last bit is the same in every engine.
  const mostNoise = inverseOfDecibels(leastDb);
  const chosen = new Map(layers.map((layer) => [layer, 0]));
  const weights = layers.reduce((sum, { size }) => sum + size, 0);
  let bits = weights * (bitWidths[0] ?? 8);
  while (bits > averageBits * weights) {
    let best: { readonly layer: OpenLayer; readonly cost: number } | null = null;
    for (const [layer, at] of chosen) {
      const cost = costOfNext(layer, at, mostNoise);
      if (cost !== null && (best === null || cost < best.cost)) best = { layer, cost };
    }
    if (best === null) break;
    const at = chosen.get(best.layer) ?? 0;
    chosen.set(best.layer, at + 1);
    bits -= best.layer.size * savedBits(at);
  }
  return new Map([...chosen].map(([{ name }, at]) => [name, bitWidths[at] ?? 8]));
}

/** Bits that a weight gives up from one width to the next. */
function savedBits(at: number): number {
  return (bitWidths[at] ?? 0) - (bitWidths[at + 1] ?? 0);
}

/** Noise for each bit that is saved; null where there is no narrower width, or it would be too noisy. */
function costOfNext({ size, noise }: OpenLayer, at: number, mostNoise: number): number | null {
  const [now, next] = [noise[at], noise[at + 1]];
  if (now === undefined || next === undefined || next > mostNoise) return null;
  return (next - now) / Math.max(1, size * savedBits(at));
}

/** 10^(-dB / 10) for whole decibels, by products of the tenth root of ten. */
function inverseOfDecibels(decibels: number): number {
  const tenthRoot = 1.2589254117941673;
  let noise = 1;
  for (let i = 0; i < decibels; i++) noise /= tenthRoot;
  return noise;
}
