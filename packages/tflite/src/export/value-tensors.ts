import {
  AffineEncoding,
  CastEncoding,
  type DataType,
  type Dim,
  type Encoding,
  type Quantization,
  Tensor,
  toNumbers,
  UnsupportedError,
  type Value,
} from '@espalier/core';
import { between, isSameOrder, keepsMemory, type Order, reordered, sameOrder } from '../axes.js';
import { realsName } from '../reals-name.js';
import { reorderConstant } from '../reorder-constant.js';
import { codeGrid } from './code-grid.js';
import type { FileBuilder } from './file-builder.js';
import { type Ability, versionOf } from './versions.js';

/** Whether a tensor holds reals, or their codes on the value's grid. */
export type As = 'codes' | 'reals';

export interface Form {
  readonly tensor: number;
  readonly order: Order;
  readonly as: As;
}

/**
 * The tensors that hold each value of the IR. Operators of a file work on images of [N, H, W, C]; a value is there in the
 * order in which it was computed, and is transposed when somebody asks for another.
 */
export class ValueTensors {
  readonly #file: FileBuilder;
  readonly #forms = new Map<Value, Form[]>();
  /** Values that are others under a new shape, and are not made yet. */
  readonly #deferred = new Map<Value, Value>();
  /** Values that a file has no tensors of their own for. */
  readonly #aliases = new Map<Value, Value>();

  constructor(file: FileBuilder) {
    this.#file = file;
  }

  keep(value: Value, tensor: number, order: Order, as: As): void {
    this.#forms.set(value, [...(this.#forms.get(value) ?? []), { tensor, order, as }]);
  }

  /** Says that a value is another one under a new shape, on the same grid. */
  defer(value: Value, source: Value): void {
    this.#deferred.set(value, this.sourceOf(source));
  }

  /** Says that whoever reads a value reads another one in the file. */
  alias(value: Value, source: Value): void {
    this.#aliases.set(value, this.#real(source));
  }

  #real(value: Value): Value {
    return this.#aliases.get(value) ?? value;
  }

  sourceOf(value: Value): Value {
    const real = this.#real(value);
    return this.#forms.has(real) ? real : (this.#deferred.get(real) ?? real);
  }

  /** The orders that a value is at hand in. */
  ordersOf(value: Value): readonly Order[] {
    return this.formsOf(value).map(({ order }) => order);
  }

  /** The tensor that holds a value, its axes in the given order; that of the IR where none is given. */
  tensor(value: Value, as: As, order: Order = sameOrder(dimsOf(value).length)): number {
    const real = this.#real(value);
    const found = this.formsOf(real).find((form) => form.as === as && sameAs(form.order, order));
    if (found !== undefined) return found.tensor;
    const made = this.#make(real, as, order);
    this.keep(real, made, order, as);
    return made;
  }

  #make(value: Value, as: As, order: Order): number {
    if (value.constant !== null) return this.#constant(value, value.constant, as, order);
    const forms = this.#forms.get(value) ?? [];
    const source = this.#deferred.get(value);
    if (forms.length === 0 && source !== undefined) {
      // Who reads the codes later finds them.
      const isCoded = as === 'reals' && value.type?.quantization !== undefined;
      return isCoded
        ? this.#dequantized(value, this.tensor(value, 'codes', order), order)
        : this.#reshaped(value, source, as, order);
    }
    const form = forms.find((one) => one.as === as) ?? forms[0];
    if (form === undefined) throw nothingComputes(value);
    if (!sameAs(form.order, order)) {
      const from = form.as === as ? form.tensor : this.tensor(value, as, form.order);
      return this.#transposed(value, from, as, form.order, order);
    }
    return this.#dequantized(value, form.tensor, order);
  }

  /** What is on a grid is kept as codes, all else as reals: only codes are ever made reals. */
  #dequantized(value: Value, codes: number, order: Order): number {
    const to = this.#file.tensor({
      ...tensorType(value, 'reals'),
      name: `${value.name}_reals`,
      dims: reordered(dimsOf(value), order),
    });
    this.#file.operator('DEQUANTIZE', versionOf('DEQUANTIZE', abilityFor(value, 'codes')), [codes], [to]);
    return to;
  }

  #transposed(value: Value, from: number, as: As, before: Order, after: Order): number {
    const perm = this.indices(between(before, after), `${value.name}_order`);
    const to = this.#file.tensor({
      ...tensorType(value, as),
      name: `${value.name}_transposed`,
      dims: reordered(dimsOf(value), after),
    });
    this.#file.operator('TRANSPOSE', versionOf('TRANSPOSE', abilityFor(value, as)), [from, perm], [to]);
    return to;
  }

  #reshaped(value: Value, source: Value, as: As, order: Order): number {
    const dims = dimsOf(value);
    const direct = keepsMemory(dims, order) ? order : sameOrder(order.length);
    const from = this.inMemoryOrder(source, as);
    const target = reordered(dims, direct);
    const to = this.reshape(from, value, as, target);
    if (sameAs(direct, order)) return to;
    this.keep(value, to, direct, as);
    return this.#transposed(value, to, as, direct, order);
  }

  /** A new tensor with the elements of another. */
  reshape(from: number, value: Value, as: As, dims: readonly Dim[]): number {
    const to = this.#file.tensor({ ...tensorType(value, as), name: value.name, dims });
    const newShape = dims.map((dim) => (typeof dim === 'number' ? dim : -1));
    if (newShape.filter((dim) => dim === -1).length > 1) {
      throw unsupportedValue(value, 'several of its sizes are known at run time only', giveSizes);
    }
    const shape = this.indices(newShape, `${value.name}_shape`);
    const options = { name: 'Reshape', table: { newShape } } as const;
    this.#file.operator('RESHAPE', versionOf('RESHAPE', abilityFor(value, as)), [from, shape], [to], options);
    return to;
  }

  /** A tensor whose elements stand in memory as those of the value do, whatever its shape. */
  inMemoryOrder(value: Value, as: As): number {
    const source = this.sourceOf(value);
    const order = this.ordersOf(source).find((one) => keepsMemory(dimsOf(source), one));
    return this.tensor(source, as, order);
  }

  /** An image in the given order under the shape of `like`, whose elements it has in another order. */
  inMemoryOrderOf(image: Value, as: As, order: Order, like: Value): number {
    return this.reshape(this.tensor(image, as, order), like, as, dimsOf(like));
  }

  /** All that is at hand of a value. */
  formsOf(value: Value): readonly Form[] {
    return this.#forms.get(this.#real(value)) ?? [];
  }

  /** A constant of float32. */
  floats(values: Float32Array, dims: readonly number[], name: string): number {
    const data = new Tensor('float32', values, dims);
    return this.#file.tensor({ name, type: 'float32', dims, data });
  }

  /** A constant of int32 with two columns. */
  pairs(values: readonly number[], name: string): number {
    return this.indices(values, name, [values.length / 2, 2]);
  }

  /** A constant of int32. */
  indices(values: readonly number[], name: string, dims: readonly number[] = [values.length]): number {
    const data = new Tensor('int32', Int32Array.from(values), dims);
    return this.#file.tensor({ name, type: 'int32', dims: data.dims, data });
  }

  /** A constant as the file is to hold it: integers with scales, float16 and float32 as they are. */
  encoded(encoding: Encoding, name: string): number {
    if (encoding instanceof AffineEncoding) {
      const { codes, quantization } = asInt8(encoding);
      return this.#file.tensor({ name, type: codes.type, dims: codes.dims, quantization, data: codes });
    }
    const data = encoding instanceof CastEncoding ? encoding.children.source.decode() : encoding.decode();
    return this.#file.tensor({ name, type: data.type, dims: data.dims, data });
  }

  /** A constant as reals: what is stored as integers or float16 is made float32 when the model is loaded. */
  decoded(encoding: Encoding, name: string): number {
    const stored = this.encoded(encoding, name);
    if (!(encoding instanceof AffineEncoding) && !(encoding instanceof CastEncoding)) return stored;
    const to = this.#file.tensor({ name: realsName(name), type: 'float32', dims: encoding.dims });
    const version = encoding instanceof CastEncoding ? 3 : encoding.quantization.axis === null ? 2 : 5;
    this.#file.operator('DEQUANTIZE', version, [stored], [to]);
    return to;
  }

  #constant(value: Value, encoding: Encoding, as: As, order: Order): number {
    const ordered = reorderConstant(encoding, order);
    if (as === 'reals') return this.decoded(ordered, value.name);
    if (ordered instanceof AffineEncoding) return this.encoded(ordered, value.name);
    throw unsupportedValue(value, 'it is not quantized, what it is computed with is');
  }
}

function sameAs(a: Order, b: Order): boolean {
  return a.length === b.length && isSameOrder(between(a, b));
}

/** The shape of a value. @throws {UnsupportedError} where it is not known */
export function dimsOf(value: Value): readonly Dim[] {
  const dims = value.type?.dims;
  if (dims != null) return dims;
  throw unsupportedValue(value, 'its shape is not known', giveSizes);
}

/** What a kernel must be able to do that reads a value, or makes it. */
export function abilityFor(value: Value, as: As): Ability {
  return as === 'codes' && value.type?.quantization?.storageType === 'int16' ? 'wide codes' : as;
}

/** How a file holds a value: type and grid. */
export function tensorType(
  value: Value,
  as: As,
): { readonly type: DataType; readonly quantization: Quantization | null } {
  const grid = value.type?.quantization;
  if (as === 'codes' && grid !== undefined) {
    const quantization = codeGrid(grid);
    const { storageType } = quantization;
    if (quantization.axis !== null || (storageType !== 'int8' && storageType !== 'int16')) {
      throw unsupportedValue(
        value,
        `it is quantized to ${storageType}${quantization.axis === null ? '' : ' channel by channel'}`,
      );
    }
    return { type: storageType, quantization };
  }
  return { type: value.type?.dtype ?? 'float32', quantization: null };
}

/** uint8 with a zero point of 128 is int8 without one. */
function asInt8(encoding: AffineEncoding): { readonly codes: Tensor; readonly quantization: Quantization } {
  const { quantization } = encoding;
  const codes = encoding.children.codes.decode();
  const shifted = codeGrid(quantization);
  if (shifted === quantization) return { codes, quantization };
  const values = Int8Array.from(toNumbers(codes) as ArrayLike<number>, (code) => code - 128);
  return { codes: new Tensor('int8', values, codes.dims), quantization: shifted };
}

function nothingComputes(value: Value): UnsupportedError {
  return unsupportedValue(value, 'it is computed by an operator that is not written');
}

/** Of an operator or a value whose sizes would have to be known. */
export const giveSizes =
  'Give the inputs sizes (espalier convert --shape 1x3x640x640, inferShapes in code), or write .espalier or .onnx.';

export function unsupportedValue(
  { name }: Value,
  reason: string,
  fix = 'Write .espalier or .onnx.',
): UnsupportedError {
  return new UnsupportedError({
    what: `A value can't be written as .tflite: ${reason}.`,
    where: `value "${name}"`,
    fix,
  });
}
