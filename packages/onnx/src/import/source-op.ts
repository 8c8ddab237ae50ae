import {
  type Attribute,
  Attributes,
  type DataType,
  type Dim,
  type Encoding,
  type Graph,
  ModelError,
  staticDims,
  Tensor,
  UnsupportedError,
  type Value,
} from '@espalier/core';
import { placeOf, type SourceNode } from './source-node.js';

type AttributeSet = Attributes | Readonly<Record<string, Attribute>>;

/** What an operator under translation asks of the graph that is built. */
export interface Target {
  readonly graph: Graph;
  /** A name that neither the graph nor the rest of the file uses. */
  freshName(wanted: string): string;
  /** Whether anything in the file reads the value of this name. */
  isRead(name: string): boolean;
  /** Adds a node and infers the types of its outputs. */
  addNode(
    op: string,
    name: string,
    inputs: readonly (Value | null)[],
    attributes: Attributes,
    outputs: readonly (Value | null)[],
  ): void;
  /** A new value under the name that the file gives it. */
  define(name: string): Value;
  /** Makes the name of the file stand for this constant. */
  defineConstant(name: string, content: Encoding | Tensor): void;
  /** Makes the name of the file stand for a value that has another. False where the name is public. */
  defineAlias(name: string, value: Value): boolean;
}

/** One operator of the file, in the meaning that its opset gives it, while it is put into the graph. */
export class SourceOp {
  readonly op: string;
  readonly opset: number;
  readonly attributes: Attributes;
  readonly inputs: readonly (Value | null)[];
  readonly #node: SourceNode;
  readonly #target: Target;

  constructor(node: SourceNode, inputs: readonly (Value | null)[], attributes: Attributes, target: Target) {
    this.op = node.op;
    this.opset = node.opset;
    this.attributes = attributes;
    this.inputs = inputs;
    this.#node = node;
    this.#target = target;
  }

  /** The first name that the file gives to a result; that of the node where it gives none. */
  get outputName(): string {
    return this.#node.outputs.find((output) => output !== '') ?? this.#node.name;
  }

  /** Whether neither the graph nor the rest of the file has the name. */
  isFree(name: string): boolean {
    return this.#target.freshName(name) === name;
  }

  get outputCount(): number {
    return this.#node.outputs.length;
  }

  /** Whether output `index` has a name and a reader. */
  wants(index: number): boolean {
    const name = this.#node.outputs[index] ?? '';
    return name !== '' && this.#target.isRead(name);
  }

  /** An input, or null where it is left out. */
  input(index: number): Value | null {
    return this.inputs[index] ?? null;
  }

  /** @throws {ModelError} when the input is left out */
  need(index: number): Value {
    const value = this.input(index);
    if (value === null) throw this.malformed(`Input ${index} is missing.`);
    return value;
  }

  dims(index: number): readonly Dim[] | null {
    return this.input(index)?.type?.dims ?? null;
  }

  staticDims(index: number): readonly number[] | null {
    return staticDims(this.input(index)?.type ?? null);
  }

  /** @throws {UnsupportedError} when the rank is known only at run time */
  needRank(index: number): number {
    const dims = this.dims(index);
    if (dims === null) throw this.unsupported(`the rank of input ${index} is not known before it runs`);
    return dims.length;
  }

  /** The element type of an input; float32 where it is not known, as all but all tensors are. */
  dtype(index: number): DataType {
    return this.input(index)?.type?.dtype ?? 'float32';
  }

  /** The value of a constant input, or null. */
  constantInput(index: number): Tensor | null {
    return this.input(index)?.constant?.decode() ?? null;
  }

  // --------------------------------------------------------------------------------- emitting

  constant(tensor: Tensor, name: string): Value {
    return this.#target.graph.constant(tensor, this.#target.freshName(`${this.outputName}_${name}`));
  }

  /** A constant int64 vector: what shapes, axes and pads are passed as. */
  constantInts(values: readonly number[], name: string): Value {
    return this.constant(new Tensor('int64', BigInt64Array.from(values, BigInt), [values.length]), name);
  }

  /** Adds a node with one intermediate result, under a name that tells of the node or the given one. */
  add(
    op: string,
    inputs: readonly (Value | null)[],
    attributes: AttributeSet = {},
    wanted = `${this.outputName}_${op}`,
  ): Value {
    const name = this.#target.freshName(wanted);
    const output = this.#target.define(name);
    this.#target.addNode(op, name, inputs, attributesOf(attributes), [output]);
    return output;
  }

  /** Adds the node that computes what this one does, with its name and outputs. */
  finish(
    op: string = this.op,
    inputs: readonly (Value | null)[] = this.inputs,
    attributes: AttributeSet = this.attributes,
    outputCount: number = this.outputCount,
  ): void {
    const trimmed = [...inputs];
    while (trimmed.length > 0 && trimmed.at(-1) === null) trimmed.pop();
    const outputs = this.#node.outputs
      .slice(0, outputCount)
      .map((name, index) => this.#output(op, name, index));
    while (outputs.length > 1 && outputs.at(-1) === null) outputs.pop();
    this.#target.addNode(op, this.#node.name, trimmed, attributesOf(attributes), outputs);
  }

  /** Output 0 is this constant: no node is needed. */
  finishConstant(content: Encoding | Tensor): void {
    this.#target.defineConstant(this.#node.outputs[0] ?? '', content);
  }

  /** Output 0 is this value: no node is needed, save where the model hands both names out. */
  finishAlias(value: Value): void {
    if (!this.#target.defineAlias(this.#node.outputs[0] ?? '', value))
      this.finish('Identity', [value], {}, 1);
  }

  /** Results that nobody reads are left out, save where their number has a meaning. */
  #output(op: string, name: string, index: number): Value | null {
    if (name === '') return null;
    const keep = index === 0 || op === 'Split' || this.#target.isRead(name);
    return keep ? this.#target.define(name) : null;
  }

  // ---------------------------------------------------------------------------------- shaping

  /** The shape of an input as a value: a constant where it is known, else computed. */
  shapeOf(index: number): Value {
    const dims = this.staticDims(index);
    return dims === null ? this.add('Shape', [this.need(index)]) : this.constantInts(dims, 'shape');
  }

  /** An input with `count` dimensions of size 1 put behind its own. */
  withTrailingOnes(index: number, count: number): Value {
    const value = this.need(index);
    if (count === 0) return value;
    const tensor = this.constantInput(index);
    if (tensor !== null) {
      return this.constant(tensor.reshape([...tensor.dims, ...new Array<number>(count).fill(1)]), value.name);
    }
    const rank = this.needRank(index);
    const axes = Array.from({ length: count }, (_, i) => rank + i);
    return this.add('Unsqueeze', [value, this.constantInts(axes, 'axes')]);
  }

  /** These attributes without some. */
  without(...names: readonly string[]): Attributes {
    return this.attributes.with(Object.fromEntries(names.map((name) => [name, undefined])));
  }

  // ----------------------------------------------------------------------------------- errors

  get where(): string {
    return placeOf(this.#node);
  }

  unsupported(reason: string): UnsupportedError {
    return new UnsupportedError({
      what: `${this.op} can't be read: ${reason}.`,
      where: this.where,
      fix: 'Export the model with a newer opset.',
    });
  }

  malformed(what: string): ModelError {
    return new ModelError({ what, where: this.where, fix: 'Export the model again.' });
  }

  /** A list attribute, or null. */
  ints(name: string): readonly number[] | null {
    return this.attributes.ints(name) ?? null;
  }

  /** @throws {ModelError} when the attribute is missing */
  needInts(name: string): readonly number[] {
    const value = this.attributes.ints(name);
    if (value === undefined) throw this.malformed(`The attribute "${name}" is missing.`);
    return value;
  }
}

function attributesOf(attributes: AttributeSet): Attributes {
  return attributes instanceof Attributes ? attributes : new Attributes(attributes);
}
