import { describe, expect, test } from 'vitest';
import { codebook } from '../encoding/codebook.js';
import { dense } from '../encoding/dense.js';
import { packed } from '../encoding/packed.js';
import { Tensor } from '../tensor/tensor.js';
import { codedBytes, entropyBits } from './coded-bytes.js';

describe('an ideal coder', () => {
  test.each([
    { symbols: [1, 1, 1, 1], bits: 0 },
    { symbols: [0, 255, 0, 255], bits: 4 },
    { symbols: [0, 0, 0, 0, 1, 1, 2, 3], bits: 14 },
    { symbols: [], bits: 0 },
  ])('takes $bits bits for $symbols', ({ symbols, bits }) => {
    expect(entropyBits(Uint8Array.from(symbols))).toBe(bits);
  });

  test('leaves floats as they are and never makes a leaf larger', () => {
    const indices = Uint8Array.from({ length: 800 }, (_, i) => (i % 8 === 0 ? 1 : 0));
    const book = dense(new Tensor('float32', Float32Array.of(0, 1)));
    const leaf = packed(new Tensor('uint8', indices, [8, 100]), 1);
    const tree = codebook(book, leaf);
    // H(1/8) = 0.5436 bits.
    const coded = Math.ceil((800 * 0.5435644431995964) / 8);
    expect(codedBytes(tree)).toBe(tree.byteLength - leaf.byteLength + coded);
    const even = indices.map((_, i) => i % 2);
    const plain = codebook(book, packed(new Tensor('uint8', even, [8, 100]), 1));
    expect(codedBytes(plain)).toBeLessThanOrEqual(plain.byteLength);
  });
});
