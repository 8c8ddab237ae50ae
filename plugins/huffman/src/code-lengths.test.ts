import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { codeLengths, countSymbols } from './code-lengths.js';

/** Total bits of Huffman's own greedy merging, which has no limit. */
function huffmanBits(counts: readonly number[]): number {
  const heap = counts.filter((count) => count > 0);
  let bits = 0;
  while (heap.length > 1) {
    heap.sort((a, b) => a - b);
    const merged = (heap.shift() ?? 0) + (heap.shift() ?? 0);
    bits += merged;
    heap.push(merged);
  }
  return bits;
}

/** Least total bits over every way to give lengths of at most `maxBits` that satisfy Kraft. */
function bestBits(counts: readonly number[], maxBits: number): number {
  const search = (index: number, space: number): number => {
    if (index === counts.length) return 0;
    let best = Infinity;
    for (let bits = 1; bits <= maxBits; bits++) {
      const left = space - 2 ** (maxBits - bits);
      if (left < 0) continue;
      best = Math.min(best, (counts[index] ?? 0) * bits + search(index + 1, left));
    }
    return best;
  };
  return search(0, 2 ** maxBits);
}

function totalBits(counts: readonly number[], lengths: Uint8Array): number {
  return counts.reduce((sum, count, symbol) => sum + count * (lengths[symbol] ?? 0), 0);
}

describe('code lengths', () => {
  test.each([
    { counts: [45, 13, 12, 16, 9, 5], lengths: [1, 3, 3, 3, 4, 4], source: 'Cormen et al., figure 16.4' },
    { counts: [1, 1, 2, 3, 5, 8], lengths: [5, 5, 4, 3, 2, 1], source: 'Fibonacci counts, the deepest tree' },
    { counts: [0, 7, 0], lengths: [0, 1, 0], source: 'one symbol' },
    { counts: [0, 0], lengths: [0, 0], source: 'no symbol' },
  ])('are those of $source', ({ counts, lengths }) => {
    expect([...codeLengths(Float64Array.from(counts))]).toEqual(lengths);
  });

  test('cost what Huffman trees cost where the limit does not bind', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(1000), { minLength: 2, maxLength: 256 }), (counts) => {
        fc.pre(counts.filter((count) => count > 0).length > 1);
        const lengths = codeLengths(Float64Array.from(counts));
        // 256 symbols that sum to at most 256000 < Fibonacci(28) could be deeper than 15: compare then by <=.
        const best = huffmanBits(counts);
        expect(totalBits(counts, lengths)).toBeGreaterThanOrEqual(best);
        if (Math.max(...lengths) < 15) expect(totalBits(counts, lengths)).toBe(best);
      }),
    );
  });

  test('cost least among all codes under the limit', () => {
    const small = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 2, maxLength: 6 });
    fc.assert(
      fc.property(small, fc.integer({ min: 3, max: 5 }), (counts, maxBits) => {
        const lengths = codeLengths(Float64Array.from(counts), maxBits);
        expect(Math.max(...lengths)).toBeLessThanOrEqual(maxBits);
        expect(totalBits(counts, lengths)).toBe(bestBits(counts, maxBits));
      }),
    );
  });

  test('fill all bit strings with 256 symbols at 8 bits and at 15', () => {
    const counts = Float64Array.from({ length: 256 }, (_, symbol) => 1.2 ** symbol);
    for (const maxBits of [8, 12, 15]) {
      const lengths = codeLengths(counts, maxBits);
      expect(lengths.reduce((sum, bits) => sum + 2 ** -bits, 0)).toBe(1);
    }
  });

  test('refuse more symbols than the limit has codes', () => {
    expect(() => codeLengths(Float64Array.of(1, 1, 1, 1, 1), 2)).toThrow(/5 symbols/);
  });
});

test('counting symbols agrees with counting one by one', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 70 }), (symbols) => {
      const counts = new Array<number>(256).fill(0);
      for (const symbol of symbols) counts[symbol] = (counts[symbol] ?? 0) + 1;
      expect([...countSymbols(symbols)]).toEqual(counts);
    }),
  );
});
