/** Index tables are looked up by the high 16 bits of a float. */
const HIGH_BITS = 16;

/**
 * The index of the nearest centroid for each value; half-way between two it is the lower one.
 *
 * @param values - finite or infinite, no NaN
 * @param centroids - rising and different, 1 to 256
 * @param out - where the indices go; of the length of `values`
 */
export function assignNearest(values: Float32Array, centroids: Float32Array, out: Uint8Array): void {
  assignBetween(values, bordersBetween(centroids), out);
}

/**
 * How many borders each value is above.
 *
 * @param borders - rising, and a NaN at the end; at most 256
 */
export function assignBetween(values: Float32Array, borders: Float64Array, out: Uint8Array): void {
  if (values.length < 2 ** HIGH_BITS) assignBySearch(values, borders, out);
  else assignByTable(values, borders, out);
}

function assignBySearch(values: Float32Array, borders: Float64Array, out: Uint8Array): void {
  for (let i = 0; i < values.length; i++) out[i] = indexOf(values[i]!, borders);
}

/** The high bits of a float mostly settle its index: 61 M weights take 0.3 s. */
function assignByTable(values: Float32Array, borders: Float64Array, out: Uint8Array): void {
  const first = firstIndices(borders);
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  for (let i = 0; i < bits.length; i++) {
    const value = values[i]!;
    let index = first[bits[i]! >>> HIGH_BITS]!;
    // Past the last border there is a NaN, which no value is above.
    while (value > borders[index]!) index++;
    out[i] = index;
  }
}

/** The values half-way between neighbours, exact in float64, and a NaN at the end. */
function bordersBetween(centroids: Float32Array): Float64Array {
  const borders = new Float64Array(centroids.length).fill(NaN);
  for (let i = 0; i + 1 < centroids.length; i++) borders[i] = (centroids[i]! + centroids[i + 1]!) / 2;
  return borders;
}

/** How many borders lie below the value. */
function indexOf(value: number, borders: Float64Array): number {
  let low = 0;
  let high = borders.length - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (value > borders[middle]!) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The least index that a float with the given high bits can have. */
function firstIndices(borders: Float64Array): Uint8Array {
  const first = new Uint8Array(2 ** HIGH_BITS);
  const single = new Float32Array(1);
  const bits = new Uint32Array(single.buffer);
  for (let high = 0; high < first.length; high++) {
    // The least float of a group has no low bits where it is positive, and all where it is negative.
    bits[0] = high < 0x8000 ? high << HIGH_BITS : ((high << HIGH_BITS) | 0xffff) >>> 0;
    // A NaN among these (the group of -Infinity has one) gets 0, the safe side.
    first[high] = indexOf(single[0]!, borders);
  }
  return first;
}
