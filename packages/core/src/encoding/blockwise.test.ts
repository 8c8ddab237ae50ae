import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sourceOf } from '../../test/encoding-source.js';
import { FormatError, ShapeError } from '../errors/errors.js';
import { dataTypes } from '../tensor/data-type.js';
import { elementCount, Tensor, toNumbers } from '../tensor/tensor.js';
import { type BlockwiseEncoding, blockwise, blockwiseKind } from './blockwise.js';
import { ByteWriter } from './bytes.js';
import { dense } from './dense.js';
import { packed } from './packed.js';

const cases: fc.Arbitrary<BlockwiseEncoding> = fc
  .record({
    dims: fc.array(fc.integer({ min: 1, max: 7 }), {
      minLength: 1,
      maxLength: 4,
    }),
    place: fc.nat(),
    blockSize: fc.integer({ min: 1, max: 8 }),
    seed: fc.nat(),
    symmetric: fc.boolean(),
  })
  .map(({ dims, place, blockSize, seed, symmetric }) => {
    const axis = place % dims.length;
    const codes = Int8Array.from({ length: elementCount(dims) }, (_, i) => ((i * 7 + seed) % 15) - 7);
    const own = dims.with(axis, Math.ceil((dims[axis] ?? 0) / blockSize));
    const scales = Float32Array.from({ length: elementCount(own) }, (_, i) => 2 ** -(i % 5) * 1.1);
    const zeros = Int8Array.from(scales, (_, i) => (i % 5) - 2);
    return blockwise(
      {
        codes: packed(new Tensor('int8', codes, dims), 4),
        scales: dense(new Tensor('float32', scales, own)),
        zeroPoints: symmetric ? undefined : dense(new Tensor('int8', zeros, own)),
      },
      axis,
      blockSize,
    );
  });

/** The block of an element, by its indices: ONNX's definition, spelled out. */
function blockOf(i: number, { dims, axis, blockSize }: BlockwiseEncoding): number {
  let block = 0;
  for (let d = 0; d < dims.length; d++) {
    const index = Math.floor(i / elementCount(dims.slice(d + 1))) % (dims[d] ?? 1);
    const size = d === axis ? Math.ceil((dims[d] ?? 1) / blockSize) : (dims[d] ?? 1);
    block = block * size + (d === axis ? Math.floor(index / blockSize) : index);
  }
  return block;
}

const scales = (...values: readonly number[]) =>
  dense(new Tensor('float32', Float32Array.from(values), [values.length]));

describe('an encoding in blocks', () => {
  test('decodes to scale * (code - zero point) of the block, rounded to float32 once', () => {
    fc.assert(
      fc.property(cases, (encoding) => {
        const { codes, scales, zeroPoints } = encoding.children;
        const unit = toNumbers(scales.decode());
        const zero = zeroPoints === undefined ? null : toNumbers(zeroPoints.decode());
        const naive = Float32Array.from(toNumbers(codes.decode()), (code, i) => {
          const block = blockOf(i, encoding);
          return (unit[block] ?? NaN) * (code - (zero?.[block] ?? 0));
        });
        expect(encoding.decode().data).toEqual(naive);
      }),
    );
  });

  test('is refused where there is not one positive scale a block', () => {
    const codes = dense(new Tensor('int8', new Int8Array(6), [6]));
    expect(blockwise({ codes, scales: scales(1, 2) }, 0, 4).decode().dims).toEqual([6]);
    expect(() => blockwise({ codes, scales: scales(1) }, 0, 4)).toThrow(ShapeError);
    expect(() => blockwise({ codes, scales: scales(1, 0) }, 0, 4)).toThrow(ShapeError);
    expect(() => blockwise({ codes, scales: scales(1, 2) }, 1, 4)).toThrow(ShapeError);
    expect(() => blockwise({ codes, scales: scales(1, 2) }, 0, 0)).toThrow(ShapeError);
    expect(() => blockwise({ codes, scales: scales(1, 2), zeroPoints: scales(0, 0) }, 0, 4)).toThrow(
      ShapeError,
    );
  });

  test('is refused by its reader for parameters that do not fit', () => {
    const codes = dense(new Tensor('int8', new Int8Array(6), [6]));
    const encoding = blockwise({ codes, scales: scales(1, 2) }, 0, 4);
    const int8 = dataTypes.indexOf('int8') * 2 + 1;
    const params = (head: number, axis: number, blockSize: number): Uint8Array =>
      new ByteWriter().u8(head).varint(axis).varint(blockSize).finish();
    for (const changes of [
      { params: params(int8, 1, 4) },
      { params: params(int8, 0, 0) },
      { params: params(1, 0, 4) }, // codes of float32
      { params: params(255, 0, 4) },
      { params: new Uint8Array() },
      { type: 'float16' as const },
    ]) {
      expect(() => blockwiseKind.read(sourceOf(encoding, changes)), JSON.stringify(changes)).toThrow(
        FormatError,
      );
    }
    for (const scale of [0, -1, NaN, Infinity]) {
      const damaged = encoding.withChildren({ scales: scales(1, scale) });
      expect(() => blockwiseKind.read(sourceOf(damaged)), `${scale}`).toThrow(FormatError);
    }
  });
});
