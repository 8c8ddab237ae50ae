import { elementCount } from '@espalier/core';
import { type Layout, layoutsAgree, planesOf } from '../memory/layout.js';

/** Stands in a map for an element that is none of the input's. */
export const FILL = -1;

/** The element at each logical place as a number: where it stands in memory. */
export function memoryPlaces(dims: readonly number[], layout: Layout): Int32Array {
  const places = new Int32Array(elementCount(dims));
  // Loops by index: maps have as many entries as a picture has elements, and are made before the first run.
  if (layout === 'row-major' || layoutsAgree(dims)) {
    for (let i = 0; i < places.length; i++) places[i] = i;
    return places;
  }
  const { batch, channels, spatial } = planesOf(dims);
  let at = 0;
  for (let image = 0; image < batch; image++) {
    for (let channel = 0; channel < channels; channel++) {
      for (let pixel = 0; pixel < spatial; pixel++)
        places[at++] = (image * spatial + pixel) * channels + channel;
    }
  }
  return places;
}

/** What stands at each logical place, in the order of a layout. */
export function inMemoryOrder(values: Int32Array, dims: readonly number[], layout: Layout): Int32Array {
  if (layout === 'row-major' || layoutsAgree(dims)) return values;
  const ordered = new Int32Array(values.length);
  const { batch, channels, spatial } = planesOf(dims);
  let at = 0;
  for (let image = 0; image < batch; image++) {
    for (let pixel = 0; pixel < spatial; pixel++) {
      const first = image * channels * spatial + pixel;
      for (let channel = 0; channel < channels; channel++)
        ordered[at++] = values[first + channel * spatial] as number; // within the batch
    }
  }
  return ordered;
}

/**
 * The largest number of elements that can be copied at once: cut into rows of this length, a map is of rows whose
 * elements stand side by side in the input too, or are all filled in.
 */
export function rowLength(map: Int32Array): number {
  let length = map.length;
  for (let i = 1; i < map.length && length > 1; i++) {
    const before = map[i - 1] as number; // 0 < i < length
    const here = map[i] as number;
    const joined = here === FILL ? before === FILL : before !== FILL && here === before + 1;
    if (!joined) length = greatestCommonDivisor(length, i);
  }
  return length;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

/** The table `gather-rows` reads: for each row the bytes from the input's start, or 0xffffffff to fill it in. */
export function rowTable(map: Int32Array, length: number, elementBytes: number): Uint32Array {
  const table = new Uint32Array(length === 0 ? 0 : map.length / length);
  for (let row = 0; row < table.length; row++) {
    const place = map[row * length] as number; // of one of its rows
    table[row] = place === FILL ? 0xffffffff : place * elementBytes;
  }
  return table;
}
