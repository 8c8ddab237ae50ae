import { type Encoding, elementCount, gapsOf, Tensor } from '@espalier/core';
import { checkPlugin } from '@espalier/plugin-kit';
import { RuntimeExecutor } from '@espalier/runtime';
import fc from 'fast-check';
import { rangeCoded, rangeCodedFloats, rangeCodedGaps, rangeCoder } from '../src/index.js';

const symbols = fc.oneof(fc.nat(255), fc.constantFrom(0, 0, 0, 1, 2, 255));
const dims = fc.oneof(
  fc.array(fc.integer({ min: 1, max: 6 }), { maxLength: 3 }),
  fc.constant([0]),
  fc.constant([3, 0]),
);

const codes: fc.Arbitrary<Encoding> = fc.tuple(dims, fc.boolean()).chain(([shape, signed]) => {
  const length = elementCount(shape);
  return fc.array(symbols, { minLength: length, maxLength: length }).map((list) => {
    const bytes = Uint8Array.from(list);
    return signed
      ? rangeCoded(new Tensor('int8', new Int8Array(bytes.buffer), shape))
      : rangeCoded(new Tensor('uint8', bytes, shape));
  });
});

const floats: fc.Arbitrary<Encoding> = fc
  .tuple(fc.array(fc.float(), { maxLength: 60 }), fc.boolean())
  .map(([list, sorted]) => {
    const values = Float32Array.from(list);
    return rangeCodedFloats(new Tensor('float32', sorted ? values.sort() : values));
  });

const gaps: fc.Arbitrary<Encoding> = fc
  .record({ shape: dims, skip: fc.integer({ min: 1, max: 255 }), seed: fc.nat(), density: fc.nat(10) })
  .map(({ shape, skip, seed, density }) => {
    const length = elementCount(shape);
    const places = Uint32Array.from({ length }, (_, i) => i).filter(
      (i) => Math.imul(i + seed, 40503) % 10 < density,
    );
    return rangeCodedGaps(gapsOf(places, length, skip), skip, shape);
  });

const model = `
  input x: float32[1, 16]
  constant w: float32[16, 16] = codebook(indices: packed) fill(1)
  constant v: float32[16, 64] = sparse(gaps: packed, values: codebook(indices: packed)) fill(2)
  constant b: float32[64] = fill(3)
  h = MatMul(x, w)
  m = MatMul(h, v)
  y = Add(m, b)
  output y
`;

checkPlugin(rangeCoder, {
  page: new URL('../src/index.ts', import.meta.url),
  models: { 'a model with codebooks': model },
  executor: new RuntimeExecutor(),
  encodings: { 'range-coder': fc.oneof(codes, floats, gaps) },
  leaves: [
    (tensor) => (/^u?int8$/.test(tensor.type) ? rangeCoded(tensor as Tensor<'int8'>) : null),
    (tensor) => (tensor.type === 'float32' ? rangeCodedFloats(tensor as Tensor<'float32'>) : null),
  ],
});
