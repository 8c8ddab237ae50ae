import { ByteReader, FormatError, gapsOf } from '@espalier/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodePositions, encodePositions, newPositionModel, readPositionStream } from './positions.js';
import { RangeDecoder } from './range-decoder.js';

interface Case {
  readonly kept: readonly boolean[];
  readonly rowLength: number;
  readonly skip: number;
}

/** Few and many, in rows of any length, some of them all empty or all full. */
const cases: fc.Arbitrary<Case> = fc
  .record({
    rows: fc.nat(40),
    rowLength: fc.integer({ min: 1, max: 40 }),
    skip: fc.integer({ min: 1, max: 255 }),
    density: fc.constantFrom(0, 1, 3, 9, 10),
    seed: fc.nat(),
  })
  .map(({ rows, rowLength, skip, density, seed }) => ({
    kept: Array.from(
      { length: rows * rowLength },
      (_, i) => (Math.imul(i + seed, 2654435761) >>> 8) % 10 < density && (i + seed) % 7 !== 0,
    ),
    rowLength,
    skip,
  }));

const gapsOfCase = ({ kept, skip }: Case): Uint8Array =>
  gapsOf(
    Uint32Array.from(kept.keys()).filter((i) => kept[i]),
    kept.length,
    skip,
  );

describe('a map of positions', () => {
  test('gives the gaps back', () => {
    fc.assert(
      fc.property(cases, (one) => {
        const gaps = gapsOfCase(one);
        const { model, params, payload } = encodePositions(gaps, one.kept.length, one.rowLength, one.skip);
        const stream = readPositionStream(new ByteReader(params), payload, gaps.length);
        expect(decodePositions(model, stream, payload, gaps.length)).toEqual(gaps);
      }),
    );
  });

  test.each(['steady', 'mixed'] as const)(
    'is decoded fast as the %s model and the plain decoder have it',
    (model) => {
      fc.assert(
        fc.property(cases, fc.uint8Array({ maxLength: 60 }), (one, noise) => {
          // Any bytes are a stream of some map: the two must agree on it, or both refuse it.
          const stream = {
            length: one.kept.length,
            rowLength: one.rowLength,
            skip: one.skip,
            first: 1 + (noise.length % 255),
          };
          const plain = attempt(() => {
            const decoder = new RangeDecoder(noise);
            const guess = newPositionModel(model, stream);
            const places: number[] = [];
            for (let i = 0; i < stream.length; i++) {
              const bit = decoder.decode(guess.predict());
              guess.update(bit);
              if (bit === 1) places.push(i);
            }
            decoder.finish();
            return gapsOf(Uint32Array.from(places), stream.length, stream.skip);
          });
          const count = plain instanceof Uint8Array ? plain.length : 0;
          const fast = attempt(() => decodePositions(model, stream, noise, count));
          if (plain instanceof Uint8Array) expect(fast).toEqual(plain);
          else expect(fast).toBeInstanceOf(FormatError);
        }),
      );
    },
  );

  test('of rows that are all empty takes next to nothing', () => {
    // 784 inputs, every third of them dead for all of 300 neurons.
    const kept = Array.from({ length: 300 * 784 }, (_, i) => (i % 784) % 3 !== 0 && (i * 7919) % 50 === 0);
    const alive = kept.filter((_, i) => (i % 784) % 3 !== 0);
    const bytes = (places: readonly boolean[], rowLength: number): number => {
      const gaps = gapsOf(
        Uint32Array.from(places.keys()).filter((i) => places[i]),
        places.length,
        63,
      );
      return encodePositions(gaps, places.length, rowLength, 63).payload.length;
    };
    expect(bytes(kept, 784)).toBeLessThan(1.05 * bytes(alive, 522) + 50);
  });

  test('is refused where its parameters or its number of gaps can not be', () => {
    const gaps = gapsOf(Uint32Array.of(3, 5, 20), 40, 7);
    const { params, payload } = encodePositions(gaps, 40, 8, 7);
    const read = (bytes: readonly number[], count: number) => () =>
      readPositionStream(new ByteReader(Uint8Array.from(bytes)), payload, count);
    expect(read([...params], gaps.length)).not.toThrow();
    for (const count of [0, 3, 41]) expect(read([...params], count)).toThrow(FormatError);
    for (const bad of [[], [0, 1, 8, 40], [7, 0, 8, 40], [7, 1, 0, 40], [7, 1, 41, 40]]) {
      expect(read(bad, gaps.length), `${bad}`).toThrow(FormatError);
    }
    expect(() =>
      readPositionStream(new ByteReader(Uint8Array.of(255, 1, 1, 255, 255, 255, 255, 7)), payload, 2 ** 23),
    ).toThrow(FormatError);
  });
});

function attempt<T>(run: () => T): T | Error {
  try {
    return run();
  } catch (error) {
    return error as Error;
  }
}
