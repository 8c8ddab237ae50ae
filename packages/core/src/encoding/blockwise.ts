import { ShapeError } from '../errors/errors.js';
import { arePositive } from '../ir/value-type.js';
import { type DataType, dataTypes } from '../tensor/data-type.js';
import { Tensor, toFloat32, toNumbers } from '../tensor/tensor.js';
import { isCodeType } from './affine.js';
import { ByteReader, ByteWriter } from './bytes.js';
import { type Encoding, type EncodingKind, encodingError, sumBytes } from './encoding.js';
import { type BlockLayout, blockLayout } from './slices.js';

/** The sub-trees of codes in blocks. */
export interface BlockwiseParts {
  /** Integers, of the shape of the whole. */
  readonly codes: Encoding;
  /** float32, of the shape of the whole with one element for each block along the axis. */
  readonly scales: Encoding;
  /** Of the codes' type and the scales' shape; all zero where there are none. */
  readonly zeroPoints?: Encoding | undefined;
}

/**
 * Integer codes with a scale for each block of neighbours along an axis: real = scale * (code - zeroPoint), in
 * float32. What stands behind a whole number of blocks is a shorter one.
 *
 * @see ONNX DequantizeLinear, opset 21, with `block_size`
 */
export class BlockwiseEncoding implements Encoding {
  readonly kind: string = 'blockwise';
  readonly type: DataType = 'float32';
  readonly children: Readonly<Record<string, Encoding>> & {
    readonly codes: Encoding;
    readonly scales: Encoding;
  };
  readonly axis: number;
  readonly blockSize: number;

  constructor({ codes, scales, zeroPoints }: BlockwiseParts, axis: number, blockSize: number) {
    this.children = zeroPoints === undefined ? { codes, scales } : { codes, scales, zeroPoints };
    this.axis = axis;
    this.blockSize = blockSize;
  }

  get dims(): readonly number[] {
    return this.children.codes.dims;
  }

  get layout(): BlockLayout {
    return blockLayout(this.dims, this.axis, this.blockSize);
  }

  get byteLength(): number {
    return sumBytes(this);
  }

  decode(): Tensor<'float32'> {
    const { codes, scales, zeroPoints } = this.children;
    const [q, unit] = [toNumbers(codes.decode()), toFloat32(scales.decode())];
    const zero = zeroPoints === undefined ? null : toNumbers(zeroPoints.decode());
    const out = new Float32Array(q.length);
    const { outer, length, inner, blocks } = this.layout;
    for (let o = 0, at = 0; o < outer; o++) {
      for (let i = 0; i < length; i++) {
        const block = (o * blocks + Math.floor(i / this.blockSize)) * inner;
        for (let n = block; n < block + inner; n++, at++) {
          // One scale, and one zero point, for each block: checked where the encoding was made.
          out[at] = (unit[n] as number) * ((q[at] as number) - (zero === null ? 0 : (zero[n] as number)));
        }
      }
    }
    return new Tensor('float32', out, this.dims);
  }

  withChildren(children: Readonly<Record<string, Encoding>>): Encoding {
    return new BlockwiseEncoding({ ...this.children, ...children }, this.axis, this.blockSize);
  }

  params(): Uint8Array {
    const { codes, zeroPoints } = this.children;
    const head = dataTypes.indexOf(codes.type) * 2 + (zeroPoints === undefined ? 1 : 0);
    return new ByteWriter().u8(head).varint(this.axis).varint(this.blockSize).finish();
  }

  payload(): Uint8Array {
    return new Uint8Array();
  }
}

/**
 * @param parts - codes of an integer type, and what the blocks have
 * @param axis - a dimension of the codes
 * @param blockSize - codes of a block, > 0
 * @throws {ShapeError} when there is not one positive scale, and one zero point, for each block
 */
export function blockwise(parts: BlockwiseParts, axis: number, blockSize: number): BlockwiseEncoding {
  const { codes, scales, zeroPoints } = parts;
  const dims = blockDims(codes.dims, axis, blockSize);
  const fits = (part: Encoding, type: DataType): boolean =>
    part.type === type && part.dims.join() === dims?.join();
  if (
    !isCodeType(codes.type) ||
    !fits(scales, 'float32') ||
    (zeroPoints !== undefined && !fits(zeroPoints, codes.type))
  ) {
    throw new ShapeError({
      what: `Scales ${scales.type}[${scales.dims.join(', ')}] do not fit codes ${codes.type}[${codes.dims.join(', ')}] in blocks of ${blockSize} along axis ${axis}.`,
      fix: 'Pass one scale of float32, and one zero point of the codes’ type or none, for each block.',
    });
  }
  if (!arePositive(toFloat32(scales.decode())))
    throw new ShapeError({
      what: 'A scale is not a positive finite number.',
      fix: 'Use 1 for blocks of zeros.',
    });
  return new BlockwiseEncoding(parts, axis, blockSize);
}

/** The shape of scales; null where there are no such blocks. */
function blockDims(dims: readonly number[], axis: number, blockSize: number): readonly number[] | null {
  const length = dims[axis];
  if (length === undefined || !Number.isSafeInteger(blockSize) || blockSize < 1) return null;
  return dims.with(axis, Math.ceil(length / blockSize));
}

export const blockwiseKind: EncodingKind = {
  kind: 'blockwise',
  read(source) {
    const params = new ByteReader(source.params, source.where);
    const head = params.u8();
    const codeType = dataTypes[head >> 1];
    const [axis, blockSize] = [params.varint(), params.varint()];
    const dims = blockDims(source.dims, axis, blockSize);
    if (!isCodeType(codeType)) throw encodingError(source, `codes in blocks of type number ${head >> 1}`);
    if (source.type !== 'float32') throw encodingError(source, `codes in blocks for ${source.type}`);
    if (dims === null) throw encodingError(source, `blocks of ${blockSize} along axis ${axis}`);
    const codes = source.child('codes', codeType, source.dims);
    const scales = source.child('scales', 'float32', dims);
    const zeroPoints = (head & 1) === 1 ? undefined : source.child('zeroPoints', codeType, dims);
    if (!arePositive(toFloat32(scales.decode())))
      throw encodingError(source, 'a scale is not a positive number');
    return new BlockwiseEncoding({ codes, scales, zeroPoints }, axis, blockSize);
  },
};
