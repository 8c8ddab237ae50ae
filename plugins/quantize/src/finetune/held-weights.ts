import { AffineEncoding, type Encoding, type Model, toFloat32, walkEncoding } from '@espalier/core';
import type { Constraint } from '@espalier/train';

/** Weights as they were before they were quantized, by name. */
export type FloatWeights = ReadonlyMap<string, Encoding>;

/** What a model holds, before it changes. */
export function weightsOf(model: Model): FloatWeights {
  return new Map(model.weights().map(({ name, encoding }) => [name, encoding]));
}

/**
 * What training has to keep of each weight that is quantized: zeros of pruning, and values that are shared. Of what came as
 * codes all zeros stay, since nobody knows which of them were pruned.
 */
export function constraintsOf(model: Model, before: FloatWeights): Readonly<Record<string, Constraint>> {
  const constraints: Record<string, Constraint> = {};
  for (const { name, encoding } of model.weights()) {
    const was = before.get(name);
    if (!(encoding instanceof AffineEncoding) || was === undefined) continue;
    const values = toFloat32(was.decode());
    if (hasCodebook(was)) constraints[name] = clustersOf(values);
    else if (values.includes(0))
      constraints[name] = { mask: Uint8Array.from(values, (value) => (value === 0 ? 0 : 1)) };
  }
  return constraints;
}

/** The values of a weight as shared ones; zero is not trained. */
function clustersOf(values: Float32Array): Constraint {
  const found = new Map<number, number>([[0, 0]]);
  const indices = new Uint16Array(values.length);
  for (const [i, value] of values.entries()) {
    // -0 and 0 are one key.
    const index = found.get(value) ?? found.size;
    found.set(value, index);
    indices[i] = index;
  }
  return { indices, centroids: Float32Array.from(found.keys()), zero: 0 };
}

function hasCodebook(encoding: Encoding): boolean {
  for (const entry of walkEncoding(encoding)) if (entry.encoding.kind === 'codebook') return true;
  return false;
}
