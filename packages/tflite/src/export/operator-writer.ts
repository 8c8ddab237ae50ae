import {
  AffineEncoding,
  type Dim,
  type Graph,
  type Node,
  type Quantization,
  quantization,
  Tensor,
  toNumbers,
  UnsupportedError,
  type Value,
} from '@espalier/core';
import { fromFront, type Order, reordered, sameOrder } from '../axes.js';
import { realsName } from '../reals-name.js';
import type { OptionsMember } from '../schema/options.js';
import { codeGrid, isEightBit, isSixteenBit, sameCodes } from './code-grid.js';
import type { FileBuilder } from './file-builder.js';
import { type FusedActivation, fusedActivation } from './fused-activation.js';
import { isHybrid } from './hybrid.js';
import { type As, abilityFor, dimsOf, tensorType, type ValueTensors } from './value-tensors.js';
import { hybridVersion, versionOf } from './versions.js';

/** Writes one node of the IR. */
export type Write = (writer: OperatorWriter) => void;

/**
 * What writes an operator.
 *
 * `codes` says when the file's kernel computes with codes what the IR means: `any` grids, one grid for all (inputs on
 * others are brought to it first, which only operators that move elements allow), the `same` one or not at all, or a
 * test. Where it does not, inputs become reals and the result codes again.
 */
export interface Writing {
  readonly write: Write;
  readonly codes?: 'any' | 'moves' | 'same' | ((writer: OperatorWriter) => boolean);
  /** Whether it has a kernel for codes of 16 bits too, under the same conditions. */
  readonly isWide?: boolean;
  /** Inputs that are values; the others are constants that `write` reads. Absent: all. */
  readonly operands?: readonly number[];
  /** Whether a clamp behind it can be part of it. */
  readonly fuses?: boolean;
}

export class OperatorWriter {
  readonly graph: Graph;
  readonly node: Node;
  readonly file: FileBuilder;
  readonly tensors: ValueTensors;
  readonly as: As;
  /** Whether its reals become codes of their own range when it runs. */
  readonly isHybrid: boolean;
  /** What the operator gives: its result, or that of a clamp which is part of it. */
  readonly result: FusedActivation;

  constructor(graph: Graph, node: Node, file: FileBuilder, tensors: ValueTensors, writing: Writing) {
    this.graph = graph;
    this.node = node;
    this.file = file;
    this.tensors = tensors;
    const own = node.outputs[0];
    if (own == null) throw this.unsupported('it has no first output');
    const fused = writing.fuses === true ? fusedActivation(graph, node) : null;
    this.result = fused ?? { value: own, activation: 0, node: null };
    this.as = this.#hasCodes(writing) ? 'codes' : 'reals';
    this.isHybrid = this.as === 'reals' && isHybrid(graph, node);
  }

  #hasCodes({ codes, operands, isWide }: Writing): boolean {
    const inputs = this.node.inputs.filter(
      (value, index): value is Value =>
        value !== null && isReal(value) && (operands?.includes(index) ?? true),
    );
    const results = [this.result.value, ...this.node.outputs.slice(1)].filter(
      (value): value is Value => value !== null && isReal(value),
    );
    // Only weights may have a grid for each channel.
    const mayBeWeight = typeof codes === 'function';
    const all = [...inputs, ...results];
    const isNarrow = all.every((value) => isCoded(value, isEightBit, mayBeWeight));
    const hasForm =
      isNarrow || (isWide === true && all.every((value) => isCoded(value, isSixteenBit, mayBeWeight)));
    if (codes === undefined || !hasForm) return false;
    if (codes === 'same') {
      const [y] = results.map(gridOf);
      return inputs.map(gridOf).every((grid) => grid !== undefined && y !== undefined && sameCodes(grid, y));
    }
    return typeof codes === 'function' ? codes(this) : true;
  }

  // ------------------------------------------------------------------------------------- operands

  value(index: number): Value {
    const value = this.node.inputs[index];
    if (value == null) throw this.unsupported(`it has no input ${index}`);
    return value;
  }

  optional(index: number): Value | null {
    return this.node.inputs[index] ?? null;
  }

  /** The tensor of an input, its axes in the given order. */
  input(index: number, order?: Order): number {
    return this.tensor(this.value(index), order);
  }

  tensor(value: Value, order?: Order): number {
    return this.tensors.tensor(value, isReal(value) ? this.as : 'reals', order);
  }

  /** The tensor of an input on the grid of the result, which moving elements asks for. */
  onResultGrid(value: Value, order?: Order): number {
    const from = this.tensor(value, order);
    const [grid, wanted] = [gridOf(value), this.result.value.type?.quantization];
    if (this.as === 'reals' || grid === undefined || wanted === undefined || sameCodes(grid, wanted))
      return from;
    const axes = order ?? sameOrder(dimsOf(value).length);
    const to = this.file.tensor({
      ...tensorType(this.result.value, 'codes'),
      name: `${value.name}_requantized`,
      dims: reordered(dimsOf(value), axes),
    });
    this.emit('QUANTIZE', [from], [to]);
    return to;
  }

  dims(value: Value): readonly Dim[] {
    return dimsOf(value);
  }

  /** The order in which an input is at hand: what has no opinion on layout is computed in it. */
  order(value: Value): Order {
    return this.tensors.ordersOf(value)[0] ?? sameOrder(dimsOf(value).length);
  }

  /** The numbers in a constant input; null where it is left out. @throws {UnsupportedError} where it is computed */
  numbers(index: number): readonly number[] | null {
    const value = this.optional(index);
    if (value === null) return null;
    if (value.constant === null) throw this.unsupported(`its input ${index} is computed, not constant`);
    return Array.from(toNumbers(value.constant.decode()));
  }

  axis(axis: number, rank: number): number {
    const place = fromFront(axis, rank);
    if (place === null) throw this.unsupported(`there is no axis ${axis} among ${rank}`);
    return place;
  }

  // -------------------------------------------------------------------------------------- results

  /** Writes an operator that gives the result, its axes in the given order. */
  put(
    name: string,
    inputs: readonly (number | null)[],
    order: Order,
    options: OptionsMember | null = null,
  ): void {
    this.putAll(name, inputs, [this.result.value], order, options);
  }

  /** Writes an operator with several results, in the order in which the node has them. */
  putAll(
    name: string,
    inputs: readonly (number | null)[],
    values: readonly Value[],
    order: Order,
    options: OptionsMember | null,
  ): void {
    const tensors = values.map((value) => this.#target(value, order));
    this.emit(name, inputs, tensors, options);
    for (const [index, value] of values.entries()) this.#keep(value, tensors[index] ?? 0, order);
  }

  /** The tensor that an operator writes a value to. */
  #target(value: Value, order: Order): number {
    return this.file.tensor({
      ...tensorType(value, this.as),
      name: this.#isRounded(value) ? realsName(value.name) : value.name,
      dims: reordered(dimsOf(value), order),
    });
  }

  /** Rounds what was computed in reals to the grid of its value. */
  #keep(value: Value, tensor: number, order: Order): void {
    if (this.#isRounded(value)) this.quantize(value, tensor, order);
    else this.tensors.keep(value, tensor, order, isReal(value) ? this.as : 'reals');
  }

  #isRounded(value: Value): boolean {
    return this.as === 'reals' && value.type?.quantization !== undefined;
  }

  /** Rounds a tensor to the grid of a value. */
  quantize(value: Value, from: number, order: Order): void {
    const to = this.file.tensor({
      ...tensorType(value, 'codes'),
      name: value.name,
      dims: reordered(dimsOf(value), order),
    });
    this.file.operator('QUANTIZE', versionOf('QUANTIZE', abilityFor(value, 'codes')), [from], [to]);
    this.tensors.keep(value, to, order, 'codes');
  }

  emit(
    name: string,
    inputs: readonly (number | null)[],
    outputs: readonly number[],
    options: OptionsMember | null = null,
  ): void {
    this.file.operator(name, this.#versionOf(name), inputs, outputs, options);
  }

  #versionOf(name: string): number {
    const hybrid = this.isHybrid ? hybridVersion(name) : undefined;
    return hybrid ?? versionOf(name, abilityFor(this.result.value, this.as));
  }

  /** A tensor inside what one node becomes. `like` has its grid, where there are codes. */
  inner(suffix: string, dims: readonly Dim[], like: Value): number {
    return this.file.tensor({
      ...tensorType(like, this.as),
      name: `${this.result.value.name}_${suffix}`,
      dims,
    });
  }

  /** A constant of one element, on a grid of its own where there are codes. */
  scalar(real: number, name: string): number {
    if (this.as === 'reals') {
      const data = new Tensor('float32', Float32Array.of(real), []);
      return this.file.tensor({ name, type: 'float32', dims: [], data });
    }
    // One step of the scale is the number itself.
    const grid = quantization({ scale: real === 0 ? 1 : Math.abs(real), storageType: 'int8' });
    const data = new Tensor('int8', Int8Array.of(Math.sign(real)), []);
    return this.file.tensor({ name, type: 'int8', dims: [], quantization: grid, data });
  }

  grid(value: Value): Quantization | null {
    const grid = value.type?.quantization;
    return grid === undefined ? null : codeGrid(grid);
  }

  /** @param fix - where there is more to do than to write another format */
  unsupported(reason: string, fix = 'Write .espalier or .onnx.'): UnsupportedError {
    return new UnsupportedError({
      what: `The operator ${this.node.op} can't be written as .tflite: ${reason}.`,
      where: `node "${this.node.name}"`,
      fix,
    });
  }
}

function isReal({ type }: Value): boolean {
  return (type?.dtype ?? 'float32').startsWith('float');
}

/** The grid of a computed value, or of the codes of a constant. */
function gridOf({ constant, type }: Value): Quantization | undefined {
  return constant instanceof AffineEncoding ? constant.quantization : type?.quantization;
}

/** Whether a value is on one grid of a width. Weights are of 8 bits always. */
function isCoded(
  value: Value,
  hasWidth: (grid: Quantization | undefined) => grid is Quantization,
  mayBeWeight: boolean,
): boolean {
  const grid = gridOf(value);
  if (mayBeWeight && value.constant !== null) return isEightBit(grid);
  return hasWidth(grid) && grid.axis === null;
}
