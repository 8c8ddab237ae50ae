/** One way to hold a layer. */
export interface Candidate {
  readonly bytes: number;
  /** What it costs; of all layers in the same unit, and added up over them. */
  readonly error: number;
}

/** The best ways to share bytes among layers, from the fewest bytes to the most. */
export interface Tradeoff<C extends Candidate> {
  /** Ways there are, less one. */
  readonly steps: number;
  /** The choice for each layer after so many steps, 0 up to `steps`. */
  at(steps: number): readonly C[];
  /** The choice of the least error that was found in at most so many bytes; null where even the fewest are more. */
  within(bytes: number): readonly C[] | null;
}

/** From one candidate of a layer to its next. */
interface Upgrade<C extends Candidate> {
  readonly layer: number;
  readonly to: C;
  readonly bytes: number;
  /** Error that is saved for each byte. */
  readonly gain: number;
}

/**
 * Orders all upgrades of all layers by what a byte of them saves. Those of a layer save less and less, since only candidates
 * on its lower convex hull are kept: the first so many upgrades are then the best choice for the bytes they take.
 *
 * @param layers - the candidates of each layer, at least one
 * @see Shoham and Gersho 1988, "Efficient bit allocation for an arbitrary set of quantizers"
 */
export function tradeoff<C extends Candidate>(layers: readonly (readonly C[])[]): Tradeoff<C> {
  const hulls = layers.map((candidates) => lowerHull(candidates));
  const upgrades = hulls
    .flatMap((hull, layer) => hull.slice(1).map((to, i) => upgrade(layer, hull[i]!, to)))
    // A sort is stable: equal gains stay in the order of layers.
    .sort((a, b) => b.gain - a.gain);
  const least = hulls.map((hull) => hull[0]!);
  return {
    steps: upgrades.length,
    at(steps) {
      const choice = [...least];
      for (const { layer, to } of upgrades.slice(0, steps)) choice[layer] = to;
      return choice;
    },
    within(bytes) {
      let left = bytes - totalBytes(least);
      if (left < 0) return null;
      const choice = [...least];
      const full = new Set<number>();
      for (const { layer, to, bytes: more } of upgrades) {
        // Those that follow in the same layer stand on the one that does not fit.
        if (more > left) full.add(layer);
        if (full.has(layer)) continue;
        choice[layer] = to;
        left -= more;
      }
      return choice;
    },
  };
}

/** Bytes of a choice for each layer. */
export function totalBytes(choice: readonly Candidate[]): number {
  return choice.reduce((sum, { bytes }) => sum + bytes, 0);
}

function upgrade<C extends Candidate>(layer: number, from: C, to: C): Upgrade<C> {
  const bytes = to.bytes - from.bytes;
  return { layer, to, bytes, gain: (from.error - to.error) / bytes };
}

/** The candidates that no mixture of two others beats: bytes rise, errors fall, and ever less for a byte. */
export function lowerHull<C extends Candidate>(candidates: readonly C[]): readonly C[] {
  const sorted = [...candidates].sort((a, b) => a.bytes - b.bytes || a.error - b.error);
  const hull: C[] = [];
  for (const next of sorted) {
    const last = hull.at(-1);
    if (last !== undefined && next.error >= last.error) continue;
    while (hull.length >= 2 && isAbove(hull.at(-2)!, hull.at(-1)!, next)) hull.pop();
    hull.push(next);
  }
  return hull;
}

/** Whether b lies on or above the line from a to c. */
function isAbove(a: Candidate, b: Candidate, c: Candidate): boolean {
  return (a.error - b.error) * (c.bytes - b.bytes) <= (b.error - c.error) * (b.bytes - a.bytes);
}
