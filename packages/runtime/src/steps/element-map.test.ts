import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FILL, inMemoryOrder, memoryPlaces, rowLength, rowTable } from './element-map.js';

describe('a map of elements', () => {
  test('numbers the elements of an image by where they stand channels-last', () => {
    expect([...memoryPlaces([1, 2, 3], 'channels-last')]).toEqual([0, 2, 4, 1, 3, 5]);
  });

  test('is put into memory order by the same numbers', () => {
    const ordered = inMemoryOrder(Int32Array.of(10, 11, 12, 20, 21, 22), [1, 2, 3], 'channels-last');
    expect([...ordered]).toEqual([10, 20, 11, 21, 12, 22]);
  });

  test.each([
    { map: [0, 1, 2, 3], length: 4 },
    { map: [4, 5, 0, 1], length: 2 },
    { map: [FILL, FILL, 0, 1, 2, 3, FILL, FILL], length: 2 },
    { map: [FILL, 0, 1, FILL], length: 1 },
    { map: [3, 2, 1, 0], length: 1 },
    { map: [], length: 0 },
  ])('is cut into rows of $length: $map', ({ map, length }) => {
    expect(rowLength(Int32Array.from(map))).toBe(length);
  });

  test('gives the same elements again when its rows are written out', () => {
    const maps = fc.array(
      fc.constantFrom([0, 1, 2, 3], [4, 5, 6, 7], [2, 3, 4, 5], [FILL, FILL, FILL, FILL]),
    );
    fc.assert(
      fc.property(maps, (rows) => {
        const map = Int32Array.from(rows.flat());
        const length = rowLength(map);
        const table = rowTable(map, length, 4);
        const written = [...table].flatMap((offset) =>
          Array.from({ length }, (_, i) => (offset === 0xffffffff ? FILL : offset / 4 + i)),
        );
        expect(written).toEqual([...map]);
      }),
    );
  });
});
