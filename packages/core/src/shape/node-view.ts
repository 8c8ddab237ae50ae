import { ModelError, ShapeError } from '../errors/errors.js';
import type { Attributes } from '../ir/attributes.js';
import type { Node, Value } from '../ir/node.js';
import type { Dim, ValueType } from '../ir/value-type.js';
import { unknownDim } from '../ir/value-type.js';
import type { DataType } from '../tensor/data-type.js';
import type { Dims } from './dims.js';

/**
 * What is known of the elements of a small tensor of rank 0 or 1, by element: a number, or the name
 * of a size. Shapes that are computed in the graph are such tensors.
 */
export type Contents = Dims;

/** NumPy's limit; ONNX has none. */
const highestRank = 64;

/** A type that may lack its dtype: rules often know one without the other. */
export interface PartialType {
  readonly dtype: DataType | null;
  readonly dims: Dims | null;
}

/** One node, as the rules see it: the types and known contents of its inputs. */
export class NodeView {
  readonly node: Node;
  readonly #contentsOf: (value: Value) => Contents | null;

  constructor(node: Node, contentsOf: (value: Value) => Contents | null) {
    this.node = node;
    this.#contentsOf = contentsOf;
  }

  get attributes(): Attributes {
    return this.node.attributes;
  }

  get op(): string {
    return this.node.op;
  }

  has(index: number): boolean {
    return this.node.inputs[index] != null;
  }

  type(index: number): ValueType | null {
    return this.node.inputs[index]?.type ?? null;
  }

  dtype(index: number): DataType | null {
    return this.type(index)?.dtype ?? null;
  }

  dims(index: number): Dims | null {
    return this.type(index)?.dims ?? null;
  }

  /** The elements of an input of rank 0 or 1, or null where nothing is known of them. */
  contents(index: number): Contents | null {
    const value = this.node.inputs[index];
    return value == null ? null : this.#contentsOf(value);
  }

  /** The elements of an input as numbers, or null where one of them is not known. */
  numbers(index: number): readonly number[] | null {
    const contents = this.contents(index);
    return contents?.every((element) => typeof element === 'number') ? (contents as number[]) : null;
  }

  /**
   * How many elements the one-dimensional input has; null where that is not known, or it is not
   * there.
   */
  length(index: number): number | null {
    const dims = this.dims(index);
    const count = dims?.length === 1 ? dims[0] : dims?.length === 0 ? 1 : undefined;
    return typeof count === 'number' ? count : null;
  }

  /**
   * The rank that a vector of that many sizes gives. A file may claim any: one beyond 64 is refused
   * before anything of that length is made.
   */
  rankFrom(index: number): number | null {
    const count = this.length(index);
    if (count !== null && count > highestRank) throw this.fail(`A shape of ${count} dims is asked for.`);
    return count;
  }

  /** `axis` counted from the front. */
  axis(axis: number, rank: number): number {
    const resolved = axis < 0 ? axis + rank : axis;
    if (Number.isInteger(axis) && resolved >= 0 && resolved < rank) return resolved;
    throw this.fail(`Axis ${axis} is outside of rank ${rank}.`, `Use an axis from ${-rank} to ${rank - 1}.`);
  }

  /** Axes counted from the front. */
  axes(axes: readonly number[], rank: number): number[] {
    const resolved = axes.map((axis) => this.axis(axis, rank));
    if (new Set(resolved).size === axes.length) return resolved;
    throw this.fail(`The axes [${axes.join(', ')}] name one axis twice.`);
  }

  /** An error that names this node. */
  fail(what: string, fix?: string): ShapeError {
    return new ShapeError({ what: `${this.op}: ${what}`, where: this.where, ...(fix && { fix }) });
  }

  /** An error of a node that is not even well formed. */
  broken(what: string): ModelError {
    return new ModelError({ what: `${this.op}: ${what}`, where: this.where, fix: 'Export the model again.' });
  }

  get where(): string {
    const { name, outputs } = this.node;
    return name === '' ? `the node that computes "${outputs[0]?.name ?? '?'}"` : `node "${name}"`;
  }
}

/** More than any list of outputs or dims has: a rank may be nothing but what a file claims. */
const mostDims = 65536;

/**
 * A shape of `rank` sizes nothing is known of.
 *
 * @throws {ShapeError} when no list is that long
 */
export function unknownDims(rank: number): Dim[] {
  if (rank > mostDims) {
    throw new ShapeError({ what: `A shape has ${rank} dims.`, fix: 'Export the model again.' });
  }
  return new Array<Dim>(rank).fill(unknownDim);
}
