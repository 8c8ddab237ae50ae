import {
  type Encoding,
  FormatError,
  ModelError,
  type Quantization,
  toNumbers,
  UnsupportedError,
  type Value,
} from '@espalier/core';
import { fromFront, isSameOrder, type Order, sameOrder } from '../axes.js';
import type { Field } from '../schema/fields.js';
import { type OptionName, type OptionTables, optionTables } from '../schema/options.js';
import type { FileGraph, FileOperator, FileTensor } from './file-graph.js';
import type { TensorForms } from './tensor-forms.js';
import type { ApplyOptions, ValueMaker } from './value-maker.js';

/** Translates one operator of a file. */
export type Translate = (context: OperatorContext) => void;

/** What the translation of one operator reads and writes. */
export class OperatorContext {
  readonly operator: FileOperator;
  readonly forms: TensorForms;
  readonly maker: ValueMaker;
  readonly #file: FileGraph;

  constructor(operator: FileOperator, file: FileGraph, forms: TensorForms, maker: ValueMaker) {
    this.operator = operator;
    this.forms = forms;
    this.maker = maker;
    this.#file = file;
  }

  // ------------------------------------------------------------------------------------- operands

  /** @throws {FormatError} where the operator has no such input */
  input(index: number): FileTensor {
    return this.optional(index) ?? this.#lacks(`input ${index}`);
  }

  /** null where it is left out. */
  optional(index: number): FileTensor | null {
    const tensor = this.operator.inputs[index] ?? null;
    return tensor === null ? null : this.#file.tensor(tensor);
  }

  get inputs(): readonly FileTensor[] {
    return this.operator.inputs.map((_, index) => this.input(index));
  }

  output(index = 0): FileTensor {
    const tensor = this.operator.outputs[index];
    return tensor === undefined ? this.#lacks(`output ${index}`) : this.#file.tensor(tensor);
  }

  get outputs(): readonly FileTensor[] {
    return this.operator.outputs.map((_, index) => this.output(index));
  }

  #lacks(what: string): never {
    throw this.broken(`It has no ${what}.`);
  }

  /**
   * The operator's options; where the file has none, what their fields are when they are left out.
   *
   * @throws {FormatError} where it has those of another operator
   */
  options<N extends OptionName>(name: N): OptionTables[N] {
    const { options } = this.operator;
    if (options === null) return absentOptions(name);
    if (options.name === name) return options.table as OptionTables[N]; // the name says which table it is
    throw this.broken(`Its options are those of another operator, not ${name}Options.`);
  }

  /** The numbers in a constant input. @throws {UnsupportedError} where it is computed */
  numbers(index: number): readonly number[] {
    const tensor = this.input(index);
    const constant = this.forms.constantOf(tensor);
    if (constant === null) throw this.unsupported(`its input ${index} is computed, not constant`);
    return Array.from(toNumbers(constant.decode()));
  }

  /** The axes in a constant input, counted from the front, for a tensor of this rank. */
  axes(index: number, rank: number): readonly number[] {
    return [...new Set(this.numbers(index).map((axis) => this.axis(axis, rank)))];
  }

  /** @throws {FormatError} where a tensor of this rank has no such axis */
  axis(axis: number, rank: number): number {
    const place = fromFront(axis, rank);
    if (place === null) throw this.broken(`There is no axis ${axis} in a tensor of ${rank} dimensions.`);
    return place;
  }

  // --------------------------------------------------------------------------------------- values

  constantOf(tensor: FileTensor): Encoding | null {
    return this.forms.constantOf(tensor);
  }

  value(tensor: FileTensor, order?: Order): Value {
    return this.forms.value(tensor, order);
  }

  /**
   * An order of axes in which tensors of this rank can be had with the fewest Transposes: what has no opinion on
   * layout is computed in it.
   */
  order(tensors: readonly FileTensor[], rank: number): Order {
    const given = tensors.filter(
      (tensor) => tensor.dims.length === rank && this.forms.constantOf(tensor) === null,
    );
    const orders = [
      sameOrder(rank),
      ...given.flatMap((tensor) => this.forms.formsOf(tensor).map(({ order }) => order)),
    ];
    const missing = (order: Order): number =>
      given.filter((tensor) => !this.forms.formsOf(tensor).some((form) => form.order.join() === order.join()))
        .length;
    const [first = sameOrder(rank), ...others] = orders;
    // Of two that are as good the one the tensors were computed in.
    return others.reduce((best, order) => (missing(order) < missing(best) ? order : best), first);
  }

  apply(op: string, inputs: readonly (Value | null)[], options: ApplyOptions = {}): Value {
    return this.maker.apply(op, inputs, { name: this.output().name, ...options });
  }

  /** Says what an output is, its axes in the given order. @throws {ModelError} where the file says another shape */
  keep(tensor: FileTensor, value: Value, order: Order = sameOrder(tensor.dims.length)): void {
    this.#check(tensor, value, order);
    this.forms.keep(tensor, value, order);
  }

  /** The grid of a computed tensor. @throws {UnsupportedError} where channels have grids of their own */
  grid(tensor: FileTensor): Quantization | null {
    const { quantization } = tensor;
    if (quantization !== null && quantization.axis !== null) {
      throw this.unsupported(`its result ${tensor.where} has scales of single channels`);
    }
    // Only constants of 32 bits are codes: sums.
    return quantization?.storageType === 'int32' ? null : quantization;
  }

  /** The value behind a fused activation. */
  activated(value: Value, grid: Quantization | null, activation: number): Value {
    if (activation === 0) return value;
    if (activation === 1) return this.apply('Relu', [value], { grid });
    const bounds = [null, null, [-1, 1], [0, 6]][activation];
    if (bounds == null) throw this.unsupported(`its fused activation ${activation} is not implemented`);
    return this.clipped(value, grid, bounds);
  }

  clipped(value: Value, grid: Quantization | null, bounds: readonly number[]): Value {
    return this.apply('Clip', [value, ...bounds.map((bound) => this.maker.scalar(bound))], { grid });
  }

  #check(tensor: FileTensor, value: Value, order: Order): void {
    const { type } = value;
    const wanted = order.map((axis) => tensor.openDims[axis]);
    const dims = type?.dims ?? wanted;
    const differ = dims.some((dim, axis) => {
      const other = wanted[axis];
      return typeof dim === 'number' && typeof other === 'number' && dim !== other;
    });
    const dtype = this.grid(tensor) === null ? tensor.type : 'float32';
    if (dims.length === wanted.length && !differ && (type?.dtype ?? dtype) === dtype) return;
    throw new ModelError({
      what: `Its result is declared as ${tensor.type} [${tensor.dims.join(', ')}], and computed as ${type?.dtype} [${dims.join(', ')}]${isSameOrder(order) ? '' : ` in the order [${order.join(', ')}]`}.`,
      where: `${this.operator.where}, ${tensor.where}`,
      fix: 'Get or convert the model again.',
    });
  }

  // --------------------------------------------------------------------------------------- errors

  /** An error for what this part can't do with the operator. */
  unsupported(reason: string): UnsupportedError {
    return new UnsupportedError({
      what: `An operator has a form that is not supported: ${reason}.`,
      where: this.operator.where,
      fix: 'Convert the model without it.',
    });
  }

  broken(what: string): FormatError {
    return new FormatError({ what, where: this.operator.where, fix: 'Get or convert the model again.' });
  }
}

function absentOptions<N extends OptionName>(name: N): OptionTables[N] {
  const entries = Object.entries<Field>(optionTables[name].fields).map(([key, field]) => {
    if (field.kind === 'bool') return [key, false];
    if (field.kind === 'int32s') return [key, []];
    return [key, ('absent' in field ? field.absent : undefined) ?? 0];
  });
  return Object.fromEntries(entries) as OptionTables[N]; // one entry a field
}
