import { type Encoding, isFloat, ModelError, toFloat32, walkEncoding } from '@espalier/core';

/** @throws {ModelError} where a weight is NaN or infinite: no mean could be near it */
export function assertFinite(what: string, root: Encoding, where: string): void {
  for (const { encoding, path } of walkEncoding(root)) {
    // Only what is stored as floats: decoding the whole tree would fill in all that was pruned.
    if (encoding.kind !== 'dense' || !isFloat(encoding.type)) continue;
    const values = toFloat32(encoding.decode());
    const index = indexOfUnbounded(values);
    if (index < 0) continue;
    throw new ModelError({
      what: `The ${what} is ${values[index]} at ${[...path, `element ${index}`].join(', ')} (row-major).`,
      where,
      fix: 'Train or export the model again; such a weight spreads to every output.',
    });
  }
}

/** The index of the first NaN or infinity; -1 where there is none. */
function indexOfUnbounded(values: Float32Array): number {
  for (let i = 0; i < values.length; i++) if (values[i]! - values[i]! !== 0) return i;
  return -1;
}
