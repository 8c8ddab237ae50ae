import { type Encoding, ModelError, type Value } from '@espalier/core';
import { between, isSameOrder, keepsMemory, type Order, sameOrder } from '../axes.js';
import { realsName } from '../reals-name.js';
import { reorderConstant } from '../reorder-constant.js';
import type { FileTensor } from './file-graph.js';
import { shortName, type ValueMaker } from './value-maker.js';

/** A value that holds a tensor's elements, its axes in some order. */
export interface Form {
  readonly value: Value;
  readonly order: Order;
}

/** A Reshape that is not made yet: who reads it may want its source. */
interface Deferred {
  readonly source: FileTensor;
  /** The shape; one dim may be -1. */
  readonly dims: readonly number[];
}

/**
 * The values that stand for each tensor of the file. Files hold images as [N, H, W, C], the IR's operators work on
 * [N, C, H, W]; a tensor is there in the order in which it was computed, and is transposed when somebody asks for
 * another. Between two operators that work on images nobody does.
 */
export class TensorForms {
  readonly #maker: ValueMaker;
  readonly #forms = new Map<number, Form[]>();
  readonly #deferred = new Map<number, Deferred>();
  readonly #folded = new Map<number, Encoding>();
  /** Names of folded tensors, where they are not their own. */
  readonly #names = new Map<number, string>();
  /** Values that have the name of a tensor: one may hold several. */
  readonly #kept = new Set<Value>();

  constructor(maker: ValueMaker) {
    this.#maker = maker;
  }

  /** What the tensor is, where it is constant. */
  constantOf(tensor: FileTensor): Encoding | null {
    return this.#folded.get(tensor.index) ?? tensor.constant;
  }

  /** Says what a tensor is that an operator computes from a constant. */
  fold(tensor: FileTensor, encoding: Encoding, source: FileTensor): void {
    this.#folded.set(tensor.index, encoding);
    // The writer's name for it: else a file that is read and written grows by a "_reals" each time.
    if (tensor.name === realsName(source.name)) this.#names.set(tensor.index, source.name);
  }

  /** Says which value holds a tensor. The first one has its name. */
  keep(tensor: FileTensor, value: Value, order: Order = sameOrder(tensor.dims.length)): void {
    const forms = this.#forms.get(tensor.index) ?? [];
    const { graph } = this.#maker;
    const isNew = forms.length === 0 && !this.#kept.has(value) && value.constant === null;
    if (isNew && !graph.isInput(value)) {
      const free = [shortName(tensor.name), tensor.name].find((name) => graph.value(name) === undefined);
      if (free !== undefined) graph.rename(value, free);
    }
    this.#forms.set(tensor.index, [...forms, { value, order }]);
    this.#kept.add(value);
  }

  /** Says that a tensor is another one under a new shape. */
  defer(tensor: FileTensor, source: FileTensor, dims: readonly number[]): void {
    this.#deferred.set(tensor.index, { source: this.sourceOf(source), dims });
  }

  /** Where the elements of a tensor come from, before they were given its shape. */
  sourceOf(tensor: FileTensor): FileTensor {
    const deferred = this.#deferred.get(tensor.index);
    const isMade = this.#forms.has(tensor.index);
    return deferred === undefined || isMade ? tensor : deferred.source;
  }

  /** The forms that are at hand. */
  formsOf(tensor: FileTensor): readonly Form[] {
    return this.#forms.get(tensor.index) ?? [];
  }

  /** The tensor with its axes in the given order, that of the file where none is given. */
  value(tensor: FileTensor, order: Order = sameOrder(tensor.dims.length)): Value {
    const found = this.formsOf(tensor).find((form) => isSameOrder(between(form.order, order)));
    return found?.value ?? this.#make(tensor, order);
  }

  /** A value whose elements stand in memory as those of the tensor do, whatever its shape. */
  inMemoryOrder(tensor: FileTensor): Value {
    const source = this.sourceOf(tensor);
    const found = this.formsOf(source).find(({ order }) => keepsMemory(source.openDims, order));
    return found?.value ?? this.value(source);
  }

  #make(tensor: FileTensor, order: Order): Value {
    const constant = this.constantOf(tensor);
    if (constant !== null) {
      // The first name of a bias is that of the layer's result.
      const full = this.#names.get(tensor.index) ?? tensor.name;
      const name = tensor.dims.length > 1 ? shortName(full) : full;
      const value = this.#maker.constant(reorderConstant(constant, order), name);
      this.keep(tensor, value, order);
      return value;
    }
    const deferred = this.#deferred.get(tensor.index);
    const [form] = this.formsOf(tensor);
    if (form === undefined && deferred !== undefined) return this.#reshaped(tensor, deferred, order);
    if (form === undefined) throw nothingComputes(tensor);
    const value = this.#maker.transpose(form.value, between(form.order, order), tensor.name);
    this.keep(tensor, value, order);
    return value;
  }

  #reshaped(tensor: FileTensor, { source, dims }: Deferred, order: Order): Value {
    const direct = keepsMemory(tensor.openDims, order) ? order : sameOrder(order.length);
    const target = direct.map((axis) => dims[axis] ?? 1);
    const value = this.#maker.reshape(this.inMemoryOrder(source), target, tensor.name);
    this.keep(tensor, value, direct);
    return direct === order ? value : this.value(tensor, order);
  }
}

function nothingComputes({ where }: FileTensor): ModelError {
  return new ModelError({
    what: 'A tensor is read before anything computes it.',
    where,
    fix: 'Get or convert the model again.',
  });
}
