import {
  coreEncodings,
  type Encoding,
  type EncodingKind,
  EspalierError,
  sumBytes,
  toBytes,
  walkEncoding,
} from '@espalier/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { coreLeaves, type Leaf, leafVariants, wrappings } from './nestings.js';
import { deserialise, type Serialised, serialise } from './round-trip.js';

export interface EncodingContractOptions {
  /** Encodings of the kind, of all shapes and types that it holds: empty ones and scalars too. */
  readonly samples: fc.Arbitrary<Encoding>;
  /** Leaves of other plugins to try in the slots of the kind. */
  readonly leaves?: readonly Leaf[];
  /** The kinds of those leaves. */
  readonly kinds?: readonly EncodingKind[];
}

/**
 * What holds for every kind of encoding, as properties: it comes back from its bytes bit for bit, alone
 * and in any nesting; its size is what it says; damaged bytes throw an EspalierError and nothing else.
 * Call it at the top of a vitest file.
 */
export function checkEncoding(kind: EncodingKind, contract: EncodingContractOptions): void {
  const others = [...coreEncodings, ...(contract.kinds ?? [])].filter((other) => other.kind !== kind.kind);
  const kinds = [kind, ...others];
  const leaves = [...coreLeaves, ...(contract.leaves ?? [])];
  const { samples } = contract;

  describe(`the encoding "${kind.kind}" keeps the contract`, () => {
    test('it comes back from its bytes bit for bit', () => {
      fc.assert(fc.property(samples, (sample) => expectRoundTrip(sample, kinds)));
    });

    test('it comes back from any nesting bit for bit', () => {
      fc.assert(
        fc.property(samples, (sample) => {
          for (const variant of leafVariants(sample, leaves)) {
            for (const inner of [variant, ...wrappings(variant)]) {
              for (const outer of [inner, ...wrappings(inner)]) expectRoundTrip(outer, kinds);
            }
          }
        }),
        { numRuns: 40 },
      );
    });

    test('its size is the size of its parts', () => {
      fc.assert(
        fc.property(samples, (sample) => {
          expect(sample.byteLength).toBe(sumBytes(sample));
        }),
      );
    });

    test('it decodes to the type and shape it says, and the same each time', () => {
      fc.assert(
        fc.property(samples, (sample) => {
          const tensor = sample.decode();
          expect([tensor.type, tensor.dims]).toEqual([sample.type, sample.dims]);
          expectSameBytes(sample.decode().data, tensor.data);
          expectSameBytes(sample.withChildren(sample.children).decode().data, tensor.data);
        }),
      );
    });

    test('damaged bytes throw an EspalierError and nothing else', () => {
      fc.assert(
        fc.property(samples, fc.nat(), fc.nat({ max: 7 }), fc.boolean(), (sample, at, bit, cut) => {
          const bytes = damage(serialise(sample), at, bit, cut);
          try {
            for (const { encoding } of walkEncoding(deserialise(bytes, kinds))) encoding.decode();
          } catch (error) {
            expect(error).toBeInstanceOf(EspalierError);
          }
        }),
      );
    });
  });
}

function expectRoundTrip(encoding: Encoding, kinds: readonly EncodingKind[]): void {
  const written = serialise(encoding);
  const back = deserialise(written, kinds);
  const [was, now] = [encoding.decode(), back.decode()];
  expect([now.type, now.dims]).toEqual([was.type, was.dims]);
  expectSameBytes(now.data, was.data);
  // Written again, it gives the same bytes: files don't change by being read.
  expectSameSerialised(serialise(back), written);
}

function expectSameSerialised(a: Serialised, b: Serialised): void {
  expect(a.kind).toBe(b.kind);
  expectSameBytes(a.params, b.params);
  expectSameBytes(a.payload, b.payload);
  expect(a.children.map(([slot]) => slot)).toEqual(b.children.map(([slot]) => slot));
  for (const [i, [, child]] of a.children.entries()) {
    const other = b.children[i]?.[1];
    if (other !== undefined) expectSameSerialised(child, other);
  }
}

/** Bytes, not numbers: -0 and the NaNs count. */
function expectSameBytes(a: Parameters<typeof toBytes>[0], b: Parameters<typeof toBytes>[0]): void {
  const [x, y] = [toBytes(a), toBytes(b)];
  const same = x.length === y.length && x.every((byte, i) => byte === y[i]);
  if (!same) expect(Array.from(x)).toEqual(Array.from(y));
}

/** One bit flipped, or the end cut off, in the parameters or the payload. */
function damage(written: Serialised, at: number, bit: number, cut: boolean): Serialised {
  const field = at % 2 === 0 ? 'params' : 'payload';
  const bytes = written[field].slice();
  if (bytes.length === 0) return written;
  const index = at % bytes.length;
  if (cut) return { ...written, [field]: bytes.subarray(0, index) };
  bytes[index] = (bytes[index] ?? 0) ^ (1 << bit);
  return { ...written, [field]: bytes };
}
