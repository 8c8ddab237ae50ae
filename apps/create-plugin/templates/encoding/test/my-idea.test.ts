import { type Encoding, Tensor } from '@espalier/core';
import { checkPlugin, runFixtures } from '@espalier/plugin-kit';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type CodedType, myIdea, myIdeaCoded } from '../src/index.js';
import { packRuns, unpackedLength, unpackRuns } from '../src/pack-bits.js';

/** Bytes with runs in them, of any shape, scalars and empty tensors too. */
const samples: fc.Arbitrary<Encoding> = fc
  .tuple(
    fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 3 }),
    fc.constantFrom<CodedType>('int8', 'uint8'),
  )
  .chain(([dims, type]) => {
    const length = dims.reduce((product, dim) => product * dim, 1);
    return fc
      .array(fc.constantFrom(0, 0, 0, 0, 1, 255), { minLength: length, maxLength: length })
      .map((list) => {
        const bytes = Uint8Array.from(list);
        return myIdeaCoded(new Tensor(type, type === 'uint8' ? bytes : new Int8Array(bytes.buffer), dims));
      });
  });

// Every promise that a plugin makes: it comes back bit for bit from any nesting, damaged bytes are refused, …
checkPlugin(myIdea, {
  encodings: { 'my-idea': samples },
  leaves: [(tensor) => (/^u?int8$/.test(tensor.type) ? myIdeaCoded(tensor as Tensor<CodedType>) : null)],
  models: {
    'codes with runs': `
      input x: float32[1, 16]
      constant w: float32[16, 16] = codebook(indices: packed) fill(1)
      y = MatMul(x, w)
      output y
    `,
  },
});

// Each test/fixtures/*.txt: a graph before, and the graph after. ESPALIER_UPDATE=1 npm test writes them.
runFixtures(new URL('./fixtures/', import.meta.url), myIdea, {
  leaves: { 'my-idea': (tensor) => myIdeaCoded(tensor as Tensor<CodedType>) },
});

describe('PackBits', () => {
  test('packs the example of the TIFF specification as it does', () => {
    const unpacked = '80 80 80 80 80 80 80 80 80 80 80 80 80 80 80 80 80 80 80 80 80 80 80 80 80 00 2a'; // by hand, its rule
    expect(hex(packRuns(bytes(unpacked)))).toBe('e8 80 01 00 2a');
  });

  test('comes back, and takes at most one byte in 128 more', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600, max: 3 }), (list) => {
        const packed = packRuns(list);
        expect(unpackedLength(packed)).toBe(list.length);
        expect(unpackRuns(packed, list.length)).toEqual(list);
        expect(packed.length).toBeLessThanOrEqual(list.length + Math.ceil(list.length / 128));
      }),
    );
  });

  test.each(['80', '03 01 02', 'ff', '00'])('finds no length in %s', (packed) => {
    expect(unpackedLength(bytes(packed))).toBe(null);
  });
});

function bytes(text: string): Uint8Array {
  return Uint8Array.from(text.split(' '), (part) => Number.parseInt(part, 16));
}

function hex(list: Uint8Array): string {
  return [...list].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
}
