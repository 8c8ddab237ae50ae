import { ByteReader, FormatError } from '@espalier/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RangeDecoder } from './range-decoder.js';
import {
  decodeSymbols,
  encodeSymbols,
  guessedRange,
  modelOf,
  readSymbolStream,
  type SymbolCoding,
  type SymbolNeighbours,
} from './symbols.js';

const streams = fc.oneof(
  fc.uint8Array({ minLength: 1, maxLength: 500 }),
  fc
    .array(fc.constantFrom(7, 8, 8, 8, 9, 10), { minLength: 1, maxLength: 500 })
    .map((list) => Uint8Array.from(list)),
  fc
    .record({ symbol: fc.nat(255), length: fc.integer({ min: 1, max: 300 }) })
    .map(({ symbol, length }) => new Uint8Array(length).fill(symbol)),
);

describe('a stream of symbols', () => {
  test('comes back', () => {
    fc.assert(
      fc.property(streams, fc.integer({ min: 0, max: 255 }), fc.nat(40), (symbols, centre, rowLength) => {
        const hints = { centre, rowLength: Math.min(rowLength, symbols.length) };
        const { neighbours, raw, params, payload } = encodeSymbols(symbols, hints);
        const stream = readSymbolStream({ neighbours, raw }, new ByteReader(params), payload, symbols.length);
        expect(decodeSymbols(stream, payload, symbols.length)).toEqual(symbols);
      }),
    );
  });

  test.each(['none', 'before', 'above'] as const)(
    'is decoded fast as the plain decoder has it: %s',
    (neighbours) => {
      const one = fc.record({
        count: fc.integer({ min: 2, max: 256 }),
        centre: fc.nat(255),
        lowBits: fc.nat(2),
        rowLength: fc.integer({ min: 1, max: 20 }),
        length: fc.nat(300),
        noise: fc.uint8Array({ maxLength: 300 }),
      });
      fc.assert(
        fc.property(one, ({ count, centre, lowBits, rowLength, length, noise }) => {
          const raw = count > 4 ? lowBits : 0;
          const range = guessedRange(count, centre, raw);
          const rows = neighbours === 'above' ? rowLength : 0;
          const plain = attempt(() => decodePlainly({ neighbours, raw }, noise, range, rows, length));
          const fast = attempt(() =>
            decodeSymbols({ neighbours, raw, least: 0, count, range, rowLength: rows }, noise, length),
          );
          if (plain instanceof Uint8Array && plain.every((symbol) => symbol < count))
            expect(fast).toEqual(plain);
          else expect(fast).toBeInstanceOf(FormatError);
        }),
      );
    },
  );

  test.each([
    {
      what: 'runs of large and of small weights',
      by: 'before',
      symbols: Uint8Array.from(
        { length: 4000 },
        (_, i) => 128 + ((i >> 6) % 2 === 0 ? (i * 7919) % 5 : ((i * 104729) % 101) - 50),
      ),
    },
    {
      what: 'columns of large and of small weights',
      by: 'above',
      symbols: Uint8Array.from(
        { length: 4000 },
        (_, i) => 128 + (((i % 40) * 7) % 11 < 5 ? (i * 7919) % 5 : ((i * 104729) % 101) - 50),
      ),
    },
  ])('of $what is guessed by the symbols $by', ({ by, symbols }) => {
    expect(encodeSymbols(symbols, { centre: 128, rowLength: 40 }).neighbours).toBe(by);
  });

  test('takes little more than its entropy where nothing can be foretold', () => {
    const symbols = Uint8Array.from({ length: 2 ** 15 }, (_, i) => Math.clz32(Math.imul(i + 1, 2654435761)));
    const counts = new Map<number, number>();
    for (const symbol of symbols) counts.set(symbol, (counts.get(symbol) ?? 0) + 1);
    let entropy = 0;
    for (const count of counts.values()) entropy -= count * Math.log2(count / symbols.length);
    // Each of some 16 symbols costs about half the logarithm of the length to learn.
    expect(encodeSymbols(symbols, { centre: 0, rowLength: 0 }).payload.length * 8).toBeLessThan(
      entropy + 16 * 12,
    );
  });

  test('stores the low bits of many symbols as they are, and of few guesses all', () => {
    const wide = Uint8Array.from({ length: 3000 }, (_, i) => (i * 7919 + ((i * i) >> 5)) & 255);
    const coded = encodeSymbols(wide, { centre: 128, rowLength: 0 });
    expect(coded.raw).toBe(2);
    const even = encodeSymbols(
      wide.map((symbol) => symbol & 252),
      { centre: 128, rowLength: 0 },
    );
    expect(even.raw).toBe(0);
    expect(even.payload.length).toBeLessThan(0.8 * coded.payload.length);
  });

  test('is refused where its parameters or its number of symbols can not be', () => {
    const read = (neighbours: SymbolNeighbours, bytes: readonly number[], count: number) => () =>
      readSymbolStream(
        { neighbours, raw: 0 },
        new ByteReader(Uint8Array.from(bytes)),
        new Uint8Array(4),
        count,
      );
    expect(read('none', [250, 5], 100)).not.toThrow();
    expect(read('none', [250, 6], 100)).toThrow(FormatError);
    expect(read('none', [250], 100)).toThrow(FormatError);
    expect(read('none', [0, 5], 2 ** 30)).toThrow(FormatError);
    expect(read('none', [0, 0], 100)).toThrow(FormatError);
    expect(read('above', [0, 5, 3, 0], 100)).toThrow(FormatError);
    expect(read('above', [0, 5, 3, 101], 100)).toThrow(FormatError);
  });
});

function decodePlainly(
  { neighbours, raw }: SymbolCoding,
  bytes: Uint8Array,
  range: Parameters<typeof modelOf>[1],
  rowLength: number,
  length: number,
): Uint8Array {
  const decoder = new RangeDecoder(bytes);
  const model = modelOf(neighbours, range, rowLength);
  const out = Uint8Array.from({ length }, () => {
    for (let level = 0; level < range.levels; level++) model.update(decoder.decode(model.predict()));
    return raw > 0 ? (model.symbol << raw) | decoder.decodeUniform(1 << raw) : model.symbol;
  });
  decoder.finish();
  return out;
}

function attempt<T>(run: () => T): T | Error {
  try {
    return run();
  } catch (error) {
    return error as Error;
  }
}
