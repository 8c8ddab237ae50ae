import { type EncodingSource, elementCount, FormatError, Tensor } from '@espalier/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { codeLengths } from './code-lengths-of.js';
import { readCodeTable } from './code-table.js';
import { codedBelow, HuffmanEncoding, huffmanCoded, huffmanKind } from './huffman-encoding.js';

function sourceOf(encoding: HuffmanEncoding, changes: Partial<EncodingSource> = {}): EncodingSource {
  return {
    type: encoding.type,
    dims: encoding.dims,
    params: encoding.params(),
    payload: encoding.payload(),
    where: 'test',
    child: () => {
      throw new Error('a leaf has no children');
    },
    ...changes,
  };
}

test('codes of either type and any shape decode and read back bit for bit', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 300 }),
      fc.boolean(),
      fc.integer({ min: 1, max: 4 }),
      (bytes, signed, rows) => {
        const columns = Math.floor(bytes.length / rows);
        const data = bytes.slice(0, rows * columns);
        const tensor = signed
          ? new Tensor('int8', new Int8Array(data.buffer), [rows, columns])
          : new Tensor('uint8', data, [rows, columns]);
        const encoding = huffmanCoded(tensor);
        expect(encoding.byteLength).toBe(encoding.payload().length + encoding.params().length);
        expect(encoding.decode()).toEqual(tensor);
        expect(huffmanKind.read(sourceOf(encoding)).decode()).toEqual(tensor);
      },
    ),
  );
});

test('int8 codes are coded by their bits', () => {
  const signed = huffmanCoded(new Tensor('int8', Int8Array.of(-128, -1, 0, 127, -1)));
  const unsigned = huffmanCoded(new Tensor('uint8', Uint8Array.of(128, 255, 0, 127, 255)));
  expect(signed.payload()).toEqual(unsigned.payload());
});

test('nothing is coded where it would not get smaller', () => {
  const tensor = new Tensor('uint8', Uint8Array.of(1, 2, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1));
  const { byteLength } = huffmanCoded(tensor);
  expect(codedBelow(tensor, byteLength)).toBeNull();
  expect(codedBelow(tensor, byteLength + 1)?.byteLength).toBe(byteLength);
});

test('a stored encoding is refused before memory is taken for what it claims', () => {
  const encoding = huffmanCoded(new Tensor('uint8', Uint8Array.of(1, 2, 3, 1)));
  expect(elementCount([2 ** 20, 2 ** 20])).toBe(2 ** 40);
  for (const changes of [
    { dims: [2 ** 20, 2 ** 20] },
    { type: 'float32' as const },
    { params: Uint8Array.of(0) },
    { payload: new Uint8Array(0) },
  ]) {
    expect(() => huffmanKind.read(sourceOf(encoding, changes))).toThrow(FormatError);
  }
});

test('a cut stream that its reader could not tell is refused when it is decoded', () => {
  const encoding = huffmanCoded(
    new Tensor(
      'uint8',
      Uint8Array.from({ length: 400 }, (_, i) => (i * i) % 13),
    ),
  );
  const cut = new HuffmanEncoding(encoding.payload().subarray(0, encoding.byteLength - 1), 'uint8', [400]);
  expect(() => cut.decode()).toThrow(FormatError);
});

test('its code lengths are those that its bytes are made of', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 300, max: 20 }), (bytes) => {
      const encoding = huffmanCoded(new Tensor('uint8', bytes, [bytes.length]));
      const lengths = codeLengths(encoding);
      expect(lengths).toHaveLength(256);
      expect([...lengths].flatMap((bits, symbol) => (bits > 0 ? [symbol] : []))).toEqual(
        [...new Set(bytes)].sort((a, b) => a - b),
      );
      const bits = bytes.reduce((sum, symbol) => sum + (lengths[symbol] ?? 0), 0);
      const table = readCodeTable(encoding.payload()).byteLength;
      expect(encoding.byteLength).toBe(table + Math.ceil(bits / 8));
    }),
  );
});
