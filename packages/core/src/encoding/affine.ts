import { ShapeError } from '../errors/errors.js';
import { arePositive, type Quantization, quantization } from '../ir/value-type.js';
import { type DataType, dataTypes, fromBytes, type IntegerType, integerRange } from '../tensor/data-type.js';
import { Tensor, toNumbers } from '../tensor/tensor.js';
import { ByteReader, ByteWriter } from './bytes.js';
import { type Encoding, type EncodingKind, encodingError } from './encoding.js';
import { sliceLayout } from './slices.js';

/** Integer codes with scale and zero point: real = scale * (code - zeroPoint), in float32. */
export class AffineEncoding implements Encoding {
  readonly kind: string = 'affine';
  readonly type: DataType = 'float32';
  readonly children: { readonly codes: Encoding };
  readonly quantization: Quantization;

  constructor(codes: Encoding, parameters: Quantization) {
    this.children = { codes };
    this.quantization = parameters;
  }

  get dims(): readonly number[] {
    return this.children.codes.dims;
  }

  get byteLength(): number {
    return this.params().length + this.payload().length + this.children.codes.byteLength;
  }

  decode(): Tensor<'float32'> {
    return new Tensor('float32', dequantize(this.children.codes.decode(), this.quantization), this.dims);
  }

  withChildren({ codes }: Readonly<Record<string, Encoding>>): Encoding {
    return new AffineEncoding(codes ?? this.children.codes, this.quantization);
  }

  params(): Uint8Array {
    const { axis, scale, zeroPoint, storageType } = this.quantization;
    const symmetric = zeroPoint.every((z) => z === 0);
    const writer = new ByteWriter().u8(dataTypes.indexOf(storageType) * 2 + (symmetric ? 1 : 0));
    writer.varint(axis === null ? 0 : axis + 1).varint(scale.length);
    if (!symmetric) for (const z of zeroPoint) writer.signedVarint(z);
    return writer.finish();
  }

  /** The scales, float32. */
  payload(): Uint8Array {
    const { buffer, byteOffset, byteLength } = this.quantization.scale;
    return new Uint8Array(buffer, byteOffset, byteLength);
  }
}

/**
 * The reals that codes stand for, in float32: scale * (code - zeroPoint).
 *
 * @see ONNX DequantizeLinear, opset 21
 */
export function dequantize(codes: Tensor, { scale, zeroPoint, axis }: Quantization): Float32Array {
  const q = toNumbers(codes);
  const out = new Float32Array(q.length);
  const { outer, slices, inner } =
    axis === null ? { outer: 1, slices: 1, inner: q.length } : sliceLayout(codes.dims, axis);
  for (let o = 0; o < outer; o++) {
    for (let s = 0; s < slices; s++) {
      const unit = scale[s] as number; // one per slice: checked where the quantization was made
      const zero = zeroPoint[s] as number; // likewise
      const start = (o * slices + s) * inner;
      for (let i = start; i < start + inner; i++) out[i] = unit * ((q[i] as number) - zero); // i < q.length
    }
  }
  return out;
}

/**
 * @param codes - of the type `parameters.storageType`
 * @throws {ShapeError} when there is not one scale for each slice along the axis
 */
export function affine(codes: Encoding, parameters: Quantization): AffineEncoding {
  const { axis, scale, storageType } = parameters;
  const slices = axis === null ? 1 : codes.dims[axis];
  if (codes.type !== storageType || scale.length !== slices) {
    throw new ShapeError({
      what: `${scale.length} scales for ${storageType} do not fit codes ${codes.type}[${codes.dims.join(', ')}]${axis === null ? '' : ` along axis ${axis}`}.`,
      fix: 'Pass one scale per slice, and codes of the storage type.',
    });
  }
  return new AffineEncoding(codes, parameters);
}

export const affineKind: EncodingKind = {
  kind: 'affine',
  read(source) {
    const params = new ByteReader(source.params, source.where);
    const head = params.u8();
    const storageType = dataTypes[head >> 1];
    const axisPlusOne = params.varint();
    const axis = axisPlusOne === 0 ? null : axisPlusOne - 1;
    const count = params.varint();
    const slices = axis === null ? 1 : source.dims[axis];
    if (!isCodeType(storageType)) throw encodingError(source, `affine codes of type number ${head >> 1}`);
    if (count === 0 || count !== slices || source.payload.length !== 4 * count)
      throw encodingError(source, `${count} scales for ${slices} slices`);
    if (source.type !== 'float32') throw encodingError(source, `affine codes for ${source.type}`);
    const scale = fromBytes('float32', source.payload);
    if (!arePositive(scale)) throw encodingError(source, 'a scale is not a positive number');
    const zeroPoint = new Int32Array(count);
    if ((head & 1) === 0) {
      const { min, max } = integerRange(storageType);
      for (let i = 0; i < count; i++) {
        const zero = params.signedVarint();
        if (zero < min || zero > max)
          throw encodingError(source, `a zero point of ${zero} for ${storageType}`);
        zeroPoint[i] = zero;
      }
    }
    return new AffineEncoding(
      source.child('codes', storageType, source.dims),
      quantization({ scale, zeroPoint, axis, storageType }),
    );
  },
};

export function isCodeType(type: DataType | undefined): type is IntegerType {
  return type !== undefined && /^u?int(8|16|32)$/.test(type);
}
