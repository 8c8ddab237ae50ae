import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { rangesOf } from './ranges.js';

const sizes = fc.record({
  count: fc.nat(300),
  macs: fc.nat(10_000_000),
  threads: fc.integer({ min: 1, max: 8 }),
  leastRows: fc.integer({ min: 1, max: 20 }),
  unit: fc.integer({ min: 1, max: 4 }),
});

describe('rangesOf', () => {
  test('covers all rows once, in parts that are not empty where there are several', () => {
    fc.assert(
      fc.property(sizes, ({ count, macs, threads, ...sharing }) => {
        const ranges = rangesOf(count, macs, threads, sharing);
        expect(ranges[0]?.first).toBe(0);
        expect(ranges.at(-1)?.end).toBe(count);
        for (const [i, { first, end }] of ranges.entries()) {
          if (i > 0) expect(first).toBe(ranges[i - 1]?.end);
          if (ranges.length > 1) expect(end).toBeGreaterThan(first);
          expect(first % sharing.unit).toBe(0);
        }
      }),
    );
  });

  test('one part, or as many for each thread', () => {
    fc.assert(
      fc.property(sizes, ({ count, macs, threads, ...sharing }) => {
        const { length } = rangesOf(count, macs, threads, sharing);
        expect(length === 1 || length % threads === 0).toBe(true);
        expect(length).toBeLessThanOrEqual(4 * threads);
      }),
    );
  });

  test.each([
    { what: 'little work', count: 56, macs: 300_000, sharing: {}, parts: 1 },
    { what: 'some work', count: 56, macs: 500_000, sharing: {}, parts: 2 },
    { what: 'much work', count: 56, macs: 100_000_000, sharing: {}, parts: 8 },
    {
      what: 'rows that are short',
      count: 14,
      macs: 100_000_000,
      sharing: { leastRows: 5, unit: 2 },
      parts: 2,
    },
    { what: 'few rows', count: 7, macs: 100_000_000, sharing: { leastRows: 10, unit: 2 }, parts: 2 },
    { what: 'one row', count: 1, macs: 100_000_000, sharing: {}, parts: 1 },
  ])('$what on two threads: $parts parts', ({ count, macs, sharing, parts }) => {
    expect(rangesOf(count, macs, 2, sharing)).toHaveLength(parts);
  });
});
