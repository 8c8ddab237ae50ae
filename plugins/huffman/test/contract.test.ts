import { type Encoding, Tensor } from '@espalier/core';
import { checkPlugin } from '@espalier/plugin-kit';
import { RuntimeExecutor } from '@espalier/runtime';
import fc from 'fast-check';
import { huffman, huffmanCoded } from '../src/index.js';

const symbols = fc.oneof(fc.nat(255), fc.constantFrom(0, 0, 0, 1, 2, 255));
const dims = fc.oneof(
  fc.array(fc.integer({ min: 1, max: 6 }), { maxLength: 3 }),
  fc.constant([0]),
  fc.constant([3, 0]),
);

const samples: fc.Arbitrary<Encoding> = fc.tuple(dims, fc.boolean()).chain(([shape, signed]) => {
  const length = shape.reduce((product, dim) => product * dim, 1);
  return fc.array(symbols, { minLength: length, maxLength: length }).map((list) => {
    const bytes = Uint8Array.from(list);
    return signed
      ? huffmanCoded(new Tensor('int8', new Int8Array(bytes.buffer), shape))
      : huffmanCoded(new Tensor('uint8', bytes, shape));
  });
});

const model = `
  input x: float32[1, 16]
  constant w: float32[16, 16] = codebook(indices: packed) fill(1)
  constant v: float32[16, 4] = sparse(gaps: packed, values: codebook(indices: packed)) fill(2)
  h = MatMul(x, w)
  y = MatMul(h, v)
  output y
`;

checkPlugin(huffman, {
  models: { 'a model with codebooks': model },
  executor: new RuntimeExecutor(),
  encodings: { huffman: samples },
  leaves: [(tensor) => (/^u?int8$/.test(tensor.type) ? huffmanCoded(tensor as Tensor<'int8'>) : null)],
});
