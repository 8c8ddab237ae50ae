/** What pruning one layer alone costs. */
export interface LayerCurve {
  readonly name: string;
  /** Weights of the layer. */
  readonly count: number;
  /** Density and cost; density 1 costs nothing, whether it is among them or not. */
  readonly points: readonly { readonly density: number; readonly cost: number }[];
}

/** A stretch of a layer's curve along which a weight costs the same. */
interface Segment {
  readonly layer: number;
  readonly from: number;
  readonly to: number;
  /** Cost of a weight that goes. */
  readonly slope: number;
}

/**
 * The densities that cost least together for a share of all weights that stays: weights go where the next one costs least. Costs
 * are taken to add up, and each curve for the largest convex one below it.
 *
 * Least cost under a sum is where all slopes are equal: Shoham and Gersho 1988, "Efficient bit allocation for an arbitrary
 * set of quantizers", for bits.
 *
 * @param total - share of the weights of all layers together, 0 to 1
 * @returns one for each layer, in their order; never below the least density of its curve
 */
export function densitiesFor(curves: readonly LayerCurve[], total: number): readonly number[] {
  const segments = curves.flatMap((curve, layer) => convexSegments(curve, layer));
  // Each curve is convex: its slopes rise, so that its segments stay in their order.
  segments.sort((a, b) => a.slope - b.slope || a.layer - b.layer);
  const densities = curves.map(() => 1);
  let excess = (1 - total) * curves.reduce((sum, { count }) => sum + count, 0);
  for (const { layer, from, to } of segments) {
    const count = curves[layer]?.count ?? 0;
    if (excess <= 0 || count === 0) break;
    const gone = Math.min(excess, (from - to) * count);
    densities[layer] = from - gone / count;
    excess -= gone;
  }
  return densities;
}

/** The lower convex hull of a curve from density 1 down. */
function convexSegments({ points, count }: LayerCurve, layer: number): readonly Segment[] {
  const falling = [...points].filter(({ density }) => density < 1).sort((a, b) => b.density - a.density);
  const segments: Segment[] = [];
  let at = { density: 1, cost: 0 };
  let from = 0;
  while (from < falling.length && count > 0) {
    let best = from;
    const slopeTo = (i: number): number => {
      const point = falling[i] ?? at;
      return (point.cost - at.cost) / ((at.density - point.density) * count);
    };
    for (let i = from + 1; i < falling.length; i++) if (slopeTo(i) <= slopeTo(best)) best = i;
    const next = falling[best] ?? at;
    segments.push({ layer, from: at.density, to: next.density, slope: slopeTo(best) });
    at = next;
    from = best + 1;
  }
  return segments;
}
