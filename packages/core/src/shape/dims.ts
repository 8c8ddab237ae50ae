import { type Dim, unknownDim } from '../ir/value-type.js';

/** A row-major shape, some of whose sizes may be names. */
export type Dims = readonly Dim[];

/** Whether both are certainly the same size. Two sizes nothing is known of are not. */
export function sameDim(a: Dim, b: Dim): boolean {
  return a === b && a !== unknownDim;
}

/** Whether the sizes can't be equal, whatever the names stand for. */
export function dimsDiffer(a: Dim | undefined, b: Dim | undefined): boolean {
  return typeof a === 'number' && typeof b === 'number' && a !== b;
}

/** What is known of a size that both describe: a number before a name, a name before nothing. */
export function betterDim(first: Dim, second: Dim): Dim {
  if (typeof first === 'number') return first;
  if (typeof second === 'number') return second;
  return first === unknownDim ? second : first;
}

/** The size that two broadcast to, or null where they can't. */
export function broadcastDim(a: Dim, b: Dim): Dim | null {
  if (a === 1) return b;
  if (b === 1) return a;
  if (typeof a === 'number') return typeof b === 'number' && a !== b ? null : a;
  if (typeof b === 'number') return b;
  return sameDim(a, b) ? a : unknownDim;
}

/** The shape that several broadcast to, by NumPy's rules, or null where they can't. */
export function broadcastDims(shapes: readonly Dims[]): Dims | null {
  const rank = Math.max(0, ...shapes.map((dims) => dims.length));
  const result: Dim[] = new Array(rank).fill(1);
  for (const dims of shapes) {
    for (let i = 0; i < dims.length; i++) {
      const at = rank - dims.length + i;
      const dim = broadcastDim(result[at] ?? 1, dims[i] ?? 1);
      if (dim === null) return null;
      result[at] = dim;
    }
  }
  return result;
}

/** A product of sizes: a number times names. Null where a factor is unknown. */
interface Product {
  readonly factor: number;
  readonly names: readonly string[];
}

function productOf(dims: Dims): Product | null {
  let factor = 1;
  const names: string[] = [];
  for (const dim of dims) {
    if (typeof dim === 'number') factor *= dim;
    else if (dim === unknownDim) return null;
    else names.push(dim);
  }
  return { factor, names };
}

/** The product of sizes, as far as one size can say it. */
export function multiplyDims(dims: Dims): Dim {
  if (dims.includes(0)) return 0;
  const product = productOf(dims);
  return product === null ? unknownDim : dimOf(product);
}

/**
 * The size that makes `parts` times it as large as `whole`: what -1 means in a Reshape. Names that
 * stand on both sides cancel.
 *
 * @returns null where no size does
 */
export function divideDims(whole: Dims, parts: Dims): Dim | null {
  const a = productOf(whole);
  const b = productOf(parts);
  if (a === null || b === null || b.factor === 0) return unknownDim;
  const names = [...a.names];
  for (const name of b.names) {
    const index = names.indexOf(name);
    if (index < 0) return unknownDim;
    names.splice(index, 1);
  }
  if (names.length === 0 && a.factor % b.factor !== 0) return null;
  return dimOf({ factor: a.factor / b.factor, names });
}

function dimOf({ factor, names }: Product): Dim {
  if (names.length === 0) return factor;
  return names.length === 1 && factor === 1 ? (names[0] ?? unknownDim) : unknownDim;
}

/** `[N, 3, 32, 32]`, or `[...]` where not even the rank is known. */
export function printDims(dims: Dims | null): string {
  return dims === null ? '[...]' : `[${dims.join(', ')}]`;
}
