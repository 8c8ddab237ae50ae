import {
  affine,
  affineKind,
  blockwise,
  blockwiseKind,
  cast,
  castKind,
  codebook,
  codebookKind,
  coreEncodings,
  dense,
  denseKind,
  type Encoding,
  type EncodingKind,
  gapsOf,
  packed,
  packedKind,
  quantization,
  sparse,
  sparseKind,
  Tensor,
  tensorOf,
} from '@espalier/core';
import fc from 'fast-check';
import { describe, test } from 'vitest';
import { promisesOf } from '../clause.js';
import { encodingClauses } from './clauses.js';
import { coreLeaves } from './nestings.js';

/** Core's kinds belong to no plugin, and promise what those of plugins do. */
function checkEncoding(kind: EncodingKind, samples: fc.Arbitrary<Encoding>): void {
  const subject = { kind, kinds: coreEncodings, leaves: coreLeaves, samples: async () => samples };
  describe(`the encoding "${kind.kind}"`, () => {
    for (const { name, keep } of promisesOf('it', encodingClauses, subject)) test(name, keep);
  });
}

const shape = fc.array(fc.nat({ max: 5 }), { maxLength: 3 });
const sizeOf = (dims: readonly number[]): number => dims.reduce((a, b) => a * b, 1);

const float32s = shape.chain((dims) =>
  fc
    .float32Array({ minLength: sizeOf(dims), maxLength: sizeOf(dims) })
    .map((data) => new Tensor('float32', data, dims)),
);
const codes = (max: number): fc.Arbitrary<Tensor<'uint8'>> =>
  shape.chain((dims) =>
    fc
      .uint8Array({ max, minLength: sizeOf(dims), maxLength: sizeOf(dims) })
      .map((data) => new Tensor('uint8', data, dims)),
  );
const halves = codes(255).map(
  ({ data, dims }) =>
    new Tensor(
      'float16',
      Uint16Array.from(data, (x) => x * 257),
      dims,
    ),
);
const words = codes(255).map(({ data, dims }) => new Tensor('int64', BigInt64Array.from(data, BigInt), dims));

checkEncoding(denseKind, fc.oneof<fc.Arbitrary<Tensor>[]>(float32s, codes(255), halves, words).map(dense));

checkEncoding(
  packedKind,
  fc.integer({ min: 1, max: 8 }).chain((bits) => codes(2 ** bits - 1).map((tensor) => packed(tensor, bits))),
);

checkEncoding(
  castKind,
  halves.map((tensor) => cast(dense(tensor))),
);

checkEncoding(
  codebookKind,
  codes(15).map((tensor): Encoding => {
    const slices = tensor.dims.length > 1 ? (tensor.dims[0] ?? 0) : 0;
    const table = (count: number) => Float32Array.from({ length: count }, (_, i) => (i - 7) / 3);
    if (slices === 0) return codebook(dense(new Tensor('float32', table(16))), dense(tensor));
    return codebook(dense(new Tensor('float32', table(16 * slices), [slices, 16])), dense(tensor), 0);
  }),
);

checkEncoding(
  affineKind,
  fc.tuple(codes(255), fc.integer({ min: 0, max: 255 })).map(([tensor, zeroPoint]) => {
    const slices = tensor.dims.length > 1 ? (tensor.dims[0] ?? 0) : 0;
    if (slices === 0)
      return affine(dense(tensor), quantization({ scale: 0.1, zeroPoint, storageType: 'uint8' }));
    const scale = Float32Array.from({ length: slices }, (_, i) => 0.1 + i);
    const zeroPoints = Int32Array.from(scale, () => zeroPoint);
    return affine(
      dense(tensor),
      quantization({ scale, zeroPoint: zeroPoints, axis: 0, storageType: 'uint8' }),
    );
  }),
);

checkEncoding(
  blockwiseKind,
  fc
    .tuple(codes(15), fc.integer({ min: 1, max: 4 }), fc.boolean(), fc.boolean())
    .filter(([{ dims }]) => dims.length > 0)
    .map(([tensor, blockSize, isLast, hasZeros]) => {
      const axis = isLast ? tensor.dims.length - 1 : 0;
      const dims = tensor.dims.with(axis, Math.ceil((tensor.dims[axis] ?? 0) / blockSize));
      const scales = Float32Array.from({ length: sizeOf(dims) }, (_, i) => 0.1 + i);
      const zeros = Uint8Array.from(scales, (_, i) => i % 16);
      return blockwise(
        {
          codes: packed(tensor, 4),
          scales: dense(new Tensor('float32', scales, dims)),
          zeroPoints: hasZeros ? packed(new Tensor('uint8', zeros, dims), 4) : undefined,
        },
        axis,
        blockSize,
      );
    }),
);

checkEncoding(
  sparseKind,
  fc
    .tuple(fc.uint8Array({ max: 3, maxLength: 400 }), fc.integer({ min: 1, max: 255 }))
    .map(([values, skip]) => {
      const positions = Uint32Array.from(values.keys()).filter((i) => values[i] !== 0);
      const kept = tensorOf(
        'float32',
        Array.from(positions, (i) => values[i] ?? 0),
      );
      const gaps = dense(new Tensor('uint8', gapsOf(positions, values.length, skip)));
      return sparse(gaps, dense(kept), [values.length], skip);
    }),
);
