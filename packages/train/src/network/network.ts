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
import { entryOf } from '../operators/entry-of.js';
import { BiasGrid } from '../quantization/bias-grid.js';
import { gridShape } from '../quantization/grid-shape.js';
import { NetworkGrids, type Ranges } from '../quantization/network-grids.js';
import { type GridOfWeight, Parameter } from './parameter.js';
import { sized } from './sized.js';
import { differentiatedBy, type Slot, slotsOf } from './slots.js';

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
  /** What becomes of the ranges of a quantized model. */
  readonly ranges: Ranges;
}

/** A model that is to be trained: a copy of it without what the loss does not need, and its weights in kernel memory. */
export class Network {
  readonly inputs: readonly NetworkInput[];
  readonly parameters: ReadonlyMap<string, Parameter>;
  /** Of values and weights that are quantized. */
  readonly grids: NetworkGrids;
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
    const slots = slotsOf(nodes, (name) => isOwn(name) && options.trainable(name));
    const differentiated = differentiatedBy(nodes, (name) => slots.get(name)?.isTrainable === true);
    this.inputs = inputsOf(sample, nodes);
    const { inputs } = sample.graph;
    this.grids = new NetworkGrids(workspace, {
      inputs,
      nodes,
      slots,
      differentiated,
      ranges: options.ranges,
    });
    this.parameters = parametersOf(workspace, slots, this.grids);
    if (differentiated.has(target)) return;
    throw new UnsupportedError({
      what: 'No weight that is trained has a part in the loss.',
      where: `value "${target.name}"`,
      fix: 'Leave "trainable" out, or let it take a weight that the output depends on.',
    });
  }

  /** All that the optimizer changes: weights, and scales that are learned. */
  get trained(): readonly Parameter[] {
    return this.changing.filter(({ spec }) => spec.isTrainable);
  }

  /** All that training changes: that, the running statistics of norms, and ranges. */
  get changing(): readonly Parameter[] {
    const ranges = this.grids.all.flatMap(({ parameter }) => (parameter === null ? [] : [parameter]));
    return [...this.parameters.values(), ...ranges].filter(
      // A bias in units of others changes with them.
      ({ spec, grid }) =>
        spec.isTrainable || spec.isState || grid?.sources.some(({ parameter }) => parameter !== null),
    );
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
    const isTrained = (name: string): boolean => this.parameters.get(name)?.spec.isTrainable === true;
    const differentiated = differentiatedBy(nodes, isTrained);
    return { model, nodes, target, differentiated };
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

function parametersOf(
  workspace: Workspace,
  slots: ReadonlyMap<string, Slot>,
  grids: NetworkGrids,
): ReadonlyMap<string, Parameter> {
  const parameters = [...slots.values()].map((slot): readonly [string, Parameter] => {
    const { name, constant, layout, isTrainable, isState, isPenalized } = slot;
    const spec = { name, dims: constant.dims, layout, isTrainable, isState, isPenalized };
    const grid = grids.weights.get(name);
    // Others are on their grid as they are.
    const isRounded = grid !== undefined && (isTrainable || grid instanceof BiasGrid);
    const held: GridOfWeight | null = isRounded
      ? { grid, shape: gridShape(constant.dims, layout, grid) }
      : null;
    // Trained in place: never the array that the model holds.
    return [name, new Parameter(workspace, spec, toFloat32(constant.decode()).slice(), held)];
  });
  return new Map(parameters);
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
