import fc from 'fast-check';
import { data, size } from '../random-data.js';

/** Sizes, gaps between rows and data of a matrix product. */
export const shape = {
  m: size(40),
  n: size(80),
  k: fc.oneof(fc.constant(0), size(300), fc.integer({ min: 500, max: 1100 })),
  aGap: fc.integer({ min: 0, max: 3 }),
  cGap: fc.integer({ min: 0, max: 3 }),
  transposed: fc.boolean(),
  hasBias: fc.boolean(),
  a: data,
  b: data,
};
/** Of b, row-major or transposed. */
export function strides({ n, k, transposed }: { n: number; k: number; transposed: boolean }) {
  return transposed ? { rowStride: 1, columnStride: k } : { rowStride: n, columnStride: 1 };
}

/** Fills the gaps between rows with the sentinel a kernel must leave alone. */
export function withGaps<T extends Float32Array | Int8Array>(rows: T, bytes: Uint8Array): T {
  bytes.fill(0xa5);
  return rows;
}
