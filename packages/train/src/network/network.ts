import {
  type Model,
  type Node,
  ShapeError,
  staticDims,
  toFloat32,
  UnsupportedError,
  type Value,
} from '@espalier/core';
import type { Workspace } from '@espalier/runtime/tape';
import type { Differentiable } from '../operators/differentiable.js';
import { operatorTable } from '../operators/operator-table.js';
import { Parameter } from './parameter.js';
import { sized } from './sized.js';

/** An input of the network. */
export interface NetworkInput {
  readonly name: string;
  /** Shape of one sample. */
  readonly dims: readonly number[];
  readonly size: number;
}

/** What is asked of a network. */
export interface NetworkOptions {
  /** The value that the loss compares, found in a graph. */
  readonly target: (model: Model) => Value;
  /** Which constants are trained, by name. */
  readonly trainable: (name: string) => boolean;
}

/** A model that is to be trained: a copy of it without what the loss does not need, and its weights in kernel memory. */
export class Network {
  readonly inputs: readonly NetworkInput[];
  readonly parameters: ReadonlyMap<string, Parameter>;
  readonly #model: Model;
  readonly #options: NetworkOptions;

  /**
   * @throws {UnsupportedError} when a node on the way to the loss can't be trained through, naming it; or when no weight
   *   has a part in the loss
   */
  constructor(model: Model, workspace: Workspace, options: NetworkOptions) {
    this.#model = model.clone();
    this.#options = options;
    const sample = sized(this.#model, 1);
    const target = options.target(sample);
    const nodes = nodesFor(sample, target);
    for (const node of nodes) checkNode(node);
    // What was made from shapes is none of the model's weights.
    const isOwn = (name: string): boolean => model.graph.value(name)?.constant != null;
    this.parameters = readParameters(nodes, workspace, (name) => isOwn(name) && options.trainable(name));
    this.inputs = inputsOf(sample, nodes);
    if (differentiated(nodes, this.parameters).has(target)) return;
    throw new UnsupportedError({
      what: 'No weight that is trained has a part in the loss.',
      where: `value "${target.name}"`,
      fix: 'Leave "trainable" out, or let it take a weight that the output depends on.',
    });
  }

  /** The weights that are trained. */
  get trained(): readonly Parameter[] {
    return [...this.parameters.values()].filter(({ spec }) => spec.isTrainable);
  }

  /** All that training changes: the weights, and the running statistics of norms. */
  get changing(): readonly Parameter[] {
    return [...this.parameters.values()].filter(({ spec }) => spec.isTrainable || spec.isState);
  }

  /**
   * The network with all shapes known, for a batch of `count` samples.
   *
   * @throws {ShapeError} when shapes contradict each other, or one is not known even so
   */
  for(count: number): TypedNetwork {
    const model = sized(this.#model, count);
    const target = this.#options.target(model);
    const nodes = nodesFor(model, target);
    return { model, nodes, target, differentiated: differentiated(nodes, this.parameters) };
  }
}

/** A network for one size of batch. */
export interface TypedNetwork {
  readonly model: Model;
  /** Those that the loss needs, producers first. */
  readonly nodes: readonly Node[];
  readonly target: Value;
  /** Values that a trained weight has a part in. */
  readonly differentiated: ReadonlySet<Value>;
}

/**
 * The shape of a value whose shape is to be known.
 *
 * @throws {ShapeError} when it is not
 */
export function knownDims(value: Value): readonly number[] {
  const dims = staticDims(value.type);
  if (dims !== null) return dims;
  throw new ShapeError({
    what: `The shape of "${value.name}" is not known before the network runs.`,
    fix: 'Give the inputs of the model their sizes; only the first dimension may be open.',
  });
}

/** The entry of the table for a node that has been checked. */
export function entryOf(node: Node): Differentiable {
  const entry =
    Object.hasOwn(operatorTable, node.op) && node.domain === '' ? operatorTable[node.op] : undefined;
  if (entry !== undefined) return entry;
  throw new UnsupportedError({
    what: `The operator ${node.op} can't be trained through.`,
    where: `node "${node.name}"`,
    fix: `Operators that can: ${Object.keys(operatorTable).join(', ')}.`,
  });
}

function checkNode(node: Node): void {
  const reason = entryOf(node).refusal?.(node) ?? inputReason(node) ?? typeReason(node);
  if (reason === null) return;
  throw new UnsupportedError({
    what: `${node.op} can't be trained through: ${reason}.`,
    where: `node "${node.name}"`,
  });
}

function inputReason(node: Node): string | null {
  if (node.inputs[0]?.constant == null) return null;
  const isWeight = entryOf(node)
    .parameters?.(node)
    .some(({ index }) => index === 0);
  return isWeight === true ? null : 'its input is constant';
}

function typeReason(node: Node): string | null {
  const type = node.outputs.find((value) => value !== null)?.type;
  if (type?.quantization !== undefined) return 'its result is quantized';
  return type == null || type.dtype === 'float32' ? null : `its result is ${type.dtype}`;
}

/** The nodes that a value depends on, producers first. */
function nodesFor({ graph }: Model, target: Value): readonly Node[] {
  const needed = new Set<Node>();
  const open = [target];
  for (let value = open.pop(); value !== undefined; value = open.pop()) {
    const node = graph.producer(value);
    if (node === undefined || needed.has(node)) continue;
    needed.add(node);
    for (const input of node.inputs) if (input !== null) open.push(input);
  }
  return graph.nodes.filter((node) => needed.has(node));
}

function differentiated(
  nodes: readonly Node[],
  parameters: ReadonlyMap<string, Parameter>,
): ReadonlySet<Value> {
  const found = new Set<Value>();
  for (const node of nodes) {
    const depends = node.inputs.some(
      (value) =>
        value !== null &&
        (found.has(value) ||
          (value.constant !== null && parameters.get(value.name)?.spec.isTrainable === true)),
    );
    if (depends) for (const output of node.outputs) if (output !== null) found.add(output);
  }
  return found;
}

function readParameters(
  nodes: readonly Node[],
  workspace: Workspace,
  trainable: (name: string) => boolean,
): ReadonlyMap<string, Parameter> {
  const found = new Map<string, Parameter>();
  for (const node of nodes) {
    for (const slot of entryOf(node).parameters?.(node) ?? []) {
      const { index, layout, isState = false, isFixed = false, isBias = false } = slot;
      const value = node.inputs[index];
      if (value?.constant == null) continue;
      const known = found.get(value.name);
      if (known !== undefined && known.spec.layout !== layout && value.constant.dims.length > 2) {
        throw new UnsupportedError({
          what: `The weight "${value.name}" is shared by operators that hold it in unlike orders.`,
          where: `node "${node.name}"`,
          fix: 'Give each of them a weight of its own.',
        });
      }
      if (known !== undefined) continue;
      const { name, constant } = value;
      const isTrainable = !isState && !isFixed && trainable(name);
      const isPenalized = !isBias && constant.dims.length > 1;
      const spec = { name, dims: constant.dims, layout, isTrainable, isState, isPenalized };
      // Trained in place: never the array that the model holds.
      found.set(name, new Parameter(workspace, spec, toFloat32(constant.decode()).slice()));
    }
  }
  return found;
}

function inputsOf({ graph }: Model, nodes: readonly Node[]): readonly NetworkInput[] {
  const read = new Set(nodes.flatMap((node) => node.inputs));
  return graph.inputs
    .filter((value) => read.has(value) && value.constant === null)
    .map((value) => {
      const dims = value.type?.dims?.slice(1) ?? null;
      if (dims === null || dims.some((dim) => typeof dim !== 'number') || value.type?.dtype !== 'float32') {
        throw new UnsupportedError({
          what: `The input "${value.name}" is to be float32 with sizes that are known but for the first.`,
          where: `input "${value.name}"`,
          fix: 'Give the model an input of fixed size.',
        });
      }
      const known = dims as number[]; // Each is a number: checked above.
      return { name: value.name, dims: known, size: known.reduce((a, b) => a * b, 1) };
    });
}
