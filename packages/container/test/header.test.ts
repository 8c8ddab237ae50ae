import { create, fromBinary, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeHeader } from '../src/header/decode-header.js';
import { encodeHeader } from '../src/header/encode-header.js';
import { emptyHeader, type Header, headerFields } from '../src/header/header.js';
import { HeaderSchema } from './gen/espalier_pb.js';

// protobuf-es, with code generated from proto/espalier.proto, is the judge of what we read and write by hand.

const uint32 = fc.oneof(fc.nat({ max: 300 }), fc.integer({ min: 0, max: 2 ** 32 - 1 }));
const column = fc.array(uint32, { maxLength: 20 });
const float = fc.float({ noNaN: true });
const headers: fc.Arbitrary<Header> = fc.record({
  strings: fc.array(fc.string({ unit: 'binary' }), { maxLength: 5 }),
  types: column,
  trees: column,
  params: fc.uint8Array(),
  operators: column,
  nodes: column,
  sources: column,
  inputCount: uint32,
  outputs: column,
  valueNames: column,
  nodeNames: column,
  integers: fc.array(fc.oneof(fc.bigInt({ min: -300n, max: 300n }), fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n))),
  floats: fc.array(float),
  graphName: uint32,
  requantization: uint32,
  metadata: column,
  quantizations: column,
  scales: fc.array(float),
  zeroPoints: fc.array(fc.integer()),
  packages: column,
});

function plain(header: MessageInitShape<typeof HeaderSchema>): unknown {
  const { $typeName, ...fields } = create(HeaderSchema, header);
  return { ...emptyHeader(), ...fields };
}

test('the table has the fields of the schema', () => {
  expect(headerFields.map(([, name], index) => [index + 1, name])).toEqual(
    HeaderSchema.fields.map((field) => [field.number, field.localName]),
  );
});

describe('what protobuf-es', () => {
  test('writes of a header is what we write, byte for byte', () => {
    fc.assert(
      fc.property(headers, (header) => {
        expect(encodeHeader(header)).toEqual(toBinary(HeaderSchema, create(HeaderSchema, header)));
      }),
      { numRuns: 500 },
    );
  });

  test('writes is read back', () => {
    fc.assert(
      fc.property(headers, (header) => {
        expect(decodeHeader(toBinary(HeaderSchema, create(HeaderSchema, header)))).toEqual(header);
      }),
      { numRuns: 500 },
    );
  });

  test('reads of bytes that we read is the same', () => {
    fc.assert(
      fc.property(
        headers,
        fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { maxLength: 3 }),
        (header, changes) => {
          const bytes = encodeHeader(header);
          for (const [at, byte] of changes) if (bytes.length > 0) bytes[at % bytes.length] = byte;
          const ours = attempt(() => decodeHeader(bytes));
          if (ours === null) return; // we are stricter: groups, wire types, numbers beyond 32 bits
          expect(ours).toEqual(plain(fromBinary(HeaderSchema, bytes, { readUnknownFields: false })));
        },
      ),
      { numRuns: 2000 },
    );
  });
});

test('columns one by one, in pieces and between unknown fields are read as Protocol Buffers wants it', () => {
  const bytes = new BinaryWriter()
    .tag(2, WireType.Varint)
    .uint32(7)
    .tag(900, WireType.LengthDelimited)
    .bytes(new Uint8Array(5))
    .tag(901, WireType.Bit32)
    .fixed32(1)
    .tag(902, WireType.Bit64)
    .fixed64(1n)
    .tag(903, WireType.Varint)
    .uint64(2n ** 64n - 1n)
    .tag(13, WireType.Bit32)
    .float(0.5)
    .tag(2, WireType.LengthDelimited)
    .bytes(Uint8Array.of(8, 0xac, 0x02))
    .finish();
  expect(decodeHeader(bytes)).toEqual({ ...emptyHeader(), types: [7, 8, 300], floats: [0.5] });
});

test.each([
  { what: 'a field number of 0', bytes: [0x00, 0x00] },
  { what: 'a string that is no UTF-8', bytes: [0x0a, 0x01, 0xff] },
  { what: 'a number of 33 bits', bytes: [0x40, 0xff, 0xff, 0xff, 0xff, 0x1f] },
  { what: 'a count beyond the end', bytes: [0x22, 0x02, 0x00] },
  { what: 'a single number as text', bytes: [0x08, 0x00] },
  { what: 'half a float', bytes: [0x6a, 0x03, 0, 0, 0] },
  { what: 'an integer of eleven bytes', bytes: [0x60, ...new Array<number>(11).fill(0x80)] },
])('$what is refused', ({ bytes }) => {
  expect(() => decodeHeader(Uint8Array.from(bytes))).toThrow();
});

function attempt<T>(run: () => T): T | null {
  try {
    return run();
  } catch {
    return null;
  }
}
