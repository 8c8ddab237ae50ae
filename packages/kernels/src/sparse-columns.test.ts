import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { packSparseI8 } from './pack-sparse-i8.js';
import { type SparseColumns, sparseColumns, sparseColumnsAt } from './sparse-columns.js';

const matrix = fc.record({
  k: fc.nat(20),
  n: fc.nat(20),
  transposed: fc.boolean(),
  values: fc.array(fc.constantFrom(0, 0, 0, 1, -2, 127, -128), { minLength: 400, maxLength: 400 }),
});

interface Matrix {
  k: number;
  n: number;
  transposed: boolean;
  values: number[];
}

function layoutOf({ k, n, transposed }: Matrix) {
  return { k, n, rowStride: transposed ? 1 : n, columnStride: transposed ? k : 1 };
}

/** The matrix in full, column after column. */
function expand({ k, n, starts, rows, values }: SparseColumns<Int8Array>): number[] {
  const full = new Array<number>(k * n).fill(0);
  for (let column = 0; column < n; column++) {
    for (let at = starts[column]!; at < starts[column + 1]!; at++) full[column * k + rows[at]!] = values[at]!;
  }
  return full;
}

describe('sparse columns', () => {
  test('hold what a matrix of either layout holds, in rising rows and without zeros', () => {
    fc.assert(
      fc.property(matrix, (input) => {
        const { k, n } = input;
        const layout = layoutOf(input);
        const data = Int8Array.from(input.values.slice(0, k * n));
        const columns = sparseColumns(data, layout);
        const wanted = Array.from({ length: k * n }, (_, i) => {
          return data[(i % k) * layout.rowStride + Math.floor(i / k) * layout.columnStride];
        });
        expect(expand(columns)).toEqual(wanted);
        expect([...columns.values]).not.toContain(0);
        for (let column = 0; column < n; column++) {
          const rows = [...columns.rows.subarray(columns.starts[column], columns.starts[column + 1])];
          expect(rows).toEqual([...rows].sort((a, b) => a - b));
        }
      }),
    );
  });

  test('are the same when made of the values that are held and their positions', () => {
    fc.assert(
      fc.property(matrix, (input) => {
        const data = Int8Array.from(input.values.slice(0, input.k * input.n));
        // A value that is held may be zero: a centroid can be.
        const positions = Uint32Array.from([...data.keys()].filter((i) => data[i] !== 0 || i % 5 === 0));
        const held = Int8Array.from(positions, (position) => data[position]!);
        const layout = layoutOf(input);
        expect(sparseColumnsAt(held, positions, layout)).toEqual(sparseColumns(data, layout));
      }),
    );
  });

  test('refuse a matrix that is shorter than its shape', () => {
    const layout = { k: 3, n: 2, rowStride: 2, columnStride: 1 };
    expect(() => sparseColumns(new Int8Array(5), layout)).toThrow(
      'weights has 5 entries, its shape needs 6.',
    );
  });

  test('refuse a position outside of the matrix', () => {
    const layout = { k: 3, n: 2, rowStride: 2, columnStride: 1 };
    expect(() => sparseColumnsAt(Int8Array.of(1), Uint32Array.of(6), layout)).toThrow(
      'The position 6 is outside of a matrix of 3 x 2.',
    );
  });

  test('refuse more rows than 16 bits tell apart', () => {
    const layout = { k: 65537, n: 1, rowStride: 1, columnStride: 65537 };
    expect(() => sparseColumns(new Int8Array(65537), layout)).toThrow('65536 are the most');
  });
});

test('packing for sparse-gemm-i8 refuses more rows than it can tell apart', () => {
  const columns = sparseColumns(new Int8Array(21846), { k: 21846, n: 1, rowStride: 1, columnStride: 21846 });
  expect(() => packSparseI8({ columns, multipliers: Float32Array.of(1) })).toThrow('21845 are the most');
});
