import fc from 'fast-check';
import type { Geometry, RowRange } from '../../src/geometry.js';
import { SENTINEL, type TypedArray } from '../arena.js';

/** Which of the output rows are computed, in shares of all: mostly all of them. */
export type Share = readonly [number, number] | undefined;

export const share: fc.Arbitrary<Share> = fc.option(
  fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true })),
  { nil: undefined },
);

/** The rows of a share, none for an empty one. */
export function rowRange(g: Geometry, part: Share): RowRange | undefined {
  if (!part) return undefined;
  const rows = part.map((one) => Math.round(one * g.batch * g.outputHeight));
  return { first: Math.min(...rows), end: Math.max(...rows) };
}

/** `y` with the sentinel of the arena in all rows that are not computed. */
export function onlyRows<T extends TypedArray>(g: Geometry, range: RowRange | undefined, y: T): T {
  if (!range) return y;
  const rowBytes = g.outputWidth * g.outputChannels * y.BYTES_PER_ELEMENT;
  const bytes = new Uint8Array(y.buffer);
  bytes.fill(SENTINEL, 0, range.first * rowBytes);
  bytes.fill(SENTINEL, range.end * rowBytes);
  return y;
}
