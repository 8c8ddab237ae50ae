/** What one element of a resampled axis is mixed of. */
export interface ResampleTaps {
  /** The number that the sum starts from; 0 but where an element is filled in. */
  readonly start: number;
  /** Places along the axis, and the weight of what stands there; as many for each element. -1 first: it is its start. */
  readonly places: readonly number[];
  readonly weights: readonly number[];
}

/**
 * The table that `resampleF32` reads.
 *
 * @throws {RangeError} when elements differ in the number of their taps
 */
export function resampleTable(elements: readonly ResampleTaps[]): Uint8Array {
  const taps = elements[0]?.places.length ?? 0;
  const entryBytes = 4 + 8 * taps;
  const table = new DataView(new ArrayBuffer(elements.length * entryBytes));
  for (const [i, { start, places, weights }] of elements.entries()) {
    if (places.length !== taps || weights.length !== taps)
      throw new RangeError(
        `Element ${i} has ${places.length} places and ${weights.length} weights, not ${taps}.`,
      );
    table.setFloat32(i * entryBytes, start, true);
    for (const [tap, place] of places.entries()) {
      const at = i * entryBytes + 4 + 8 * tap;
      table.setInt32(at, place, true);
      table.setFloat32(at + 4, weights[tap]!, true);
    }
  }
  return new Uint8Array(table.buffer);
}
