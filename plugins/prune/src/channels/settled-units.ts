import {
  type Executor,
  type Model,
  type Node,
  readBatchNorm,
  Tensor,
  toNumbers,
  type Value,
} from '@espalier/core';
import type { Axis } from './channel-space.js';
import { broadcastOperators, movingOperators, unaryOperators } from './couplings/coupling-table.js';
import type { UnitsOfModel } from './find-units.js';
import { layerBias, layerMatrix } from './layer-matrix.js';

/** The constant that a unit is in a value, at all places and for all samples, by the unit's number. */
export type SettledUnits = ReadonlyMap<Value, ReadonlyMap<number, number>>;

/**
 * Units that don't depend on what the model is fed: no weight leads into them, so that they are their bias, and what
 * becomes of it.
 *
 * @param executor - computes what nodes make of constants; without one only zeros and biases are followed through layers
 */
export function settledUnits(model: Model, found: UnitsOfModel, executor: Executor | null): SettledUnits {
  const analysis = new Analysis(found, executor);
  for (const node of model.graph.nodes) analysis.visit(node);
  return analysis.settled;
}

class Analysis {
  readonly settled = new Map<Value, Map<number, number>>();
  readonly #found: UnitsOfModel;
  readonly #executor: Executor | null;

  constructor(found: UnitsOfModel, executor: Executor | null) {
    this.#found = found;
    this.#executor = executor;
  }

  visit(node: Node): void {
    const [output, ...others] = node.outputs;
    if (node.domain !== '') return;
    if (movingOperators.includes(node.op) || isPlainPool(node)) this.#move(node);
    else if (output?.type?.dtype !== 'float32' || others.some((other) => other !== null)) return;
    else if (node.op === 'BatchNormalization') this.#normalize(node, output);
    else if (unaryOperators.includes(node.op)) this.#compute(node, output, 1);
    else if (broadcastOperators.includes(node.op)) this.#compute(node, output, node.inputs.length);
    else this.#multiply(node, output);
  }

  /** A row without weights, but for such as meet zeros, leaves the bias. */
  #multiply(node: Node, output: Value): void {
    const matrix = layerMatrix(node);
    const bias = matrix && layerBias(matrix);
    const read = node.inputs[0];
    if (matrix === null || bias === null || read == null) return;
    const channels = this.#channelsOf(read, node.op === 'MatMul' ? -1 : 1);
    const zero = this.settled.get(read);
    const isFed = new Uint8Array(matrix.rows);
    const { values } = matrix;
    for (let i = 0; i < values.length; i++) {
      if (values[i] === 0) continue;
      const column = matrix.columnOf(i);
      const meetsZero =
        zero !== undefined && channels !== null && zero.get(this.#unit(channels, column)) === 0;
      if (!meetsZero) isFed[matrix.rowOf(i)] = 1;
    }
    const rows = this.#channelsOf(output, node.op === 'MatMul' ? -1 : 1);
    if (rows !== null) this.#settle(output, [rows], (row) => (isFed[row] === 0 ? bias[row] : undefined));
  }

  #normalize(node: Node, output: Value): void {
    const [read] = node.inputs;
    const norm = readBatchNorm(node);
    const axis = this.#channelsOf(output, 1);
    const known = read && this.settled.get(read);
    if (typeof norm === 'string' || axis === null || known == null) return;
    this.#settle(output, [axis], (channel) => {
      const x = known.get(this.#unit(axis, channel));
      return x === undefined
        ? undefined
        : Math.fround(x * (norm.factor[channel] ?? 0) + (norm.shift[channel] ?? 0));
    });
  }

  /** What is computed element by element is computed for one element of each unit. */
  #compute(node: Node, output: Value, variables: number): void {
    // A bound that is computed: what it is is not known.
    if (node.inputs.slice(variables).some((value) => value !== null && value.constant === null)) return;
    const units = this.#unitsIn(node.outputs);
    const columns: (number[] | null)[] = [];
    for (let index = 0; index < variables; index++) columns.push(this.#column(node, index, units));
    if (columns.includes(null)) return;
    const complete = [...units.keys()].filter((i) => columns.every((column) => column?.[i] !== undefined));
    if (complete.length === 0) return;
    const inputs = node.inputs.map((value, index) => {
      const column = columns[index];
      if (column == null) return value?.constant?.decode() ?? null;
      return new Tensor(
        'float32',
        Float32Array.from(complete, (i) => column[i] as number),
      ); // complete: not undefined
    });
    const [result] = this.#executor?.evaluate(node, inputs) ?? [];
    if (result == null || result.size !== complete.length) return;
    const numbers = toNumbers(result);
    this.settled.set(output, new Map(complete.map((i, at) => [units[i] as number, numbers[at] as number]))); // as many
  }

  /** One element for each unit of what a node reads, undefined where it is not settled; null where units are not told apart. */
  #column(node: Node, index: number, units: readonly number[]): number[] | null {
    const value = node.inputs[index];
    if (value == null) return null;
    if (value.type?.dtype !== 'float32') return null;
    if (value.constant === null) {
      const known = this.settled.get(value);
      return units.map((unit) => known?.get(unit) as number); // undefined is told from numbers by the caller
    }
    const tensor = value.constant.decode();
    const numbers = toNumbers(tensor);
    if (tensor.size === 1) return units.map(() => numbers[0] as number); // of size 1
    const axis = this.#found.space.inputAxes(node, index)?.find((one) => one?.size === tensor.size);
    if (axis == null) return null;
    const own = new Map<number, number | undefined>();
    for (let i = 0; i < axis.size; i++) {
      const unit = this.#unit(axis, i);
      own.set(unit, own.has(unit) && own.get(unit) !== numbers[i] ? undefined : numbers[i]);
    }
    return units.map((unit) => own.get(unit) as number); // as above
  }

  /** A unit that is the same constant in all that a node reads is that in what it hands on. */
  #move(node: Node): void {
    const known = node.inputs.map((value) => (value == null ? undefined : this.settled.get(value)));
    if (known.every((units) => units === undefined)) return;
    const { space } = this.#found;
    const constants = new Map<number, number | undefined>();
    for (const [index, value] of node.inputs.entries()) {
      if (value == null || (index > 0 && node.op !== 'Concat')) continue;
      for (const unit of this.#unitsOf(space.inputAxes(node, index) ?? [])) {
        const constant = known[index]?.get(unit);
        constants.set(unit, constants.has(unit) && constants.get(unit) !== constant ? undefined : constant);
      }
    }
    for (const output of node.outputs) {
      if (output === null) continue;
      const settled = new Map<number, number>();
      for (const unit of this.#unitsOf(space.axesOf(output) ?? [])) {
        const constant = constants.get(unit);
        if (constant !== undefined && handsOn(node, constant)) settled.set(unit, constant);
      }
      if (settled.size > 0) this.settled.set(output, settled);
    }
  }

  #settle(output: Value, axes: readonly Axis[], constantOf: (index: number) => number | undefined): void {
    const settled = new Map<number, number>();
    const mixed = new Set<number>();
    for (const axis of axes) {
      for (let i = 0; i < axis.size; i++) {
        const unit = this.#unit(axis, i);
        const constant = constantOf(i);
        if (constant === undefined || (settled.has(unit) && settled.get(unit) !== constant)) mixed.add(unit);
        else settled.set(unit, constant);
      }
    }
    for (const unit of mixed) settled.delete(unit);
    if (settled.size > 0) this.settled.set(output, settled);
  }

  #channelsOf(value: Value, axis: number): Axis | null {
    return this.#found.space.axesOf(value)?.at(axis) ?? null;
  }

  #unitsIn(values: readonly (Value | null)[]): readonly number[] {
    return values.flatMap((value) => this.#unitsOf((value && this.#found.space.axesOf(value)) ?? []));
  }

  #unitsOf(axes: readonly (Axis | null)[]): readonly number[] {
    const units = new Set<number>();
    for (const axis of axes)
      for (let i = 0; i < (axis?.size ?? 0); i++) if (axis !== null) units.add(this.#unit(axis, i));
    return [...units];
  }

  #unit(axis: Axis, index: number): number {
    return this.#found.space.unitAt(axis, index);
  }
}

/** A mean over windows that lie within the image. */
function isPlainPool({ op, attributes }: Node): boolean {
  if (op !== 'AveragePool') return false;
  const padded =
    (attributes.ints('pads') ?? []).some((pad) => pad !== 0) || isSame(attributes.string('auto_pad', ''));
  return !padded || attributes.int('count_include_pad', 0) === 0;
}

function isSame(padding: string): boolean {
  return padding.startsWith('SAME');
}

function handsOn({ op, attributes }: Node, constant: number): boolean {
  if (op === 'Resize')
    return attributes.string('coordinate_transformation_mode', '') !== 'tf_crop_and_resize';
  return Number.isFinite(constant);
}

/** Whether a layer reads zeros around its image. */
export function padsWithZeros({ attributes }: Node): boolean {
  return (
    isSame(attributes.string('auto_pad', 'NOTSET')) ||
    (attributes.ints('pads') ?? []).some((pad) => pad !== 0)
  );
}
