import type { Graph, Model, Node, Quantization, Value } from '@espalier/core';
import { type Selected, valuesOf } from '../static/selection.js';
import type { Layer, Network } from './network.js';

/** What is known of a model that is to be quantized. */
export interface Surveyed {
  readonly model: Model;
  readonly selected: readonly Selected[];
  /** Of the values around selected nodes. */
  readonly grids: ReadonlyMap<Value, Quantization>;
}

/** What was measured of it. */
export interface Measured {
  /** Values of one sample, by name. */
  readonly elements: ReadonlyMap<string, number>;
  /** Of the outputs, where this value alone is on its grid. */
  readonly gridErrors: ReadonlyMap<Value, number>;
  /** Of the outputs, where the weights of this node alone are rounded. */
  readonly weightErrors: ReadonlyMap<Node, number>;
}

/** The values that grids are chosen for, each with those that movers make of it. */
export function jointsOf({ selected, grids }: Omit<Surveyed, 'model'>): ReadonlyMap<Value, Value> {
  const roots = new Map<Value, Value>();
  for (const value of grids.keys()) roots.set(value, value);
  for (const { node, operator, results } of selected) {
    const source = node.inputs[0];
    if (operator.role !== 'mover' || source == null) continue;
    for (const value of results) if (roots.has(value)) roots.set(value, roots.get(source) ?? source);
  }
  return roots;
}

/** The joints and layers of a model, with what each costs. */
export function networkOf({ model, selected, grids }: Surveyed, measured: Measured): Network {
  const roots = jointsOf({ selected, grids });
  const joints = [...new Set(roots.values())];
  const indexOf = (value: Value | null): number =>
    value === null ? -1 : joints.indexOf(roots.get(value) ?? value);
  // By a rule of TensorFlow Lite an operator has codes of one width.
  const canBeWide = model.requantization === 'onnx';
  const integer = new Map(selected.map((one) => [one.node, one]));
  const inside = new Set<Node>();
  const layers: Layer[] = [];
  for (const node of model.graph.nodes) {
    if (inside.has(node)) continue;
    const one = integer.get(node);
    const clamp = model.graph.producer(one?.results[0]);
    if (clamp !== undefined) inside.add(clamp);
    const nodes = clamp === undefined || clamp === node ? [node] : [node, clamp];
    const values = one === undefined ? [...node.inputs, ...node.outputs] : valuesOf(one);
    const touched = new Set(values.map(indexOf).filter((joint) => joint >= 0));
    const excludedAs = one === undefined ? [] : nodes.map((each) => uniqueName(model.graph, each));
    layers.push({
      name: nodes.at(-1)?.outputs[0]?.name ?? node.name,
      op: node.op,
      results: nodes.flatMap(({ outputs }) => outputs.flatMap((value) => value?.name ?? [])),
      joints: [...touched],
      error: measured.weightErrors.get(node) ?? 0,
      excludedAs: excludedAs.some((name) => name === '') ? [] : excludedAs,
      isInteger: one !== undefined,
    });
  }
  return {
    joints: joints.map((value) => ({
      name: value.name,
      elements: measured.elements.get(value.name) ?? 0,
      error: measured.gridErrors.get(value) ?? 0,
      canBeWide: canBeWide && grids.get(value)?.storageType === 'int8',
    })),
    layers,
  };
}

/** What means this node and no other: its name, or that of its weights; empty where there is nothing. */
function uniqueName(graph: Graph, node: Node): string {
  if (node.name !== '' && graph.nodes.every((other) => other === node || !isCalled(other, node.name)))
    return node.name;
  const weight = node.inputs.find((value) => value?.constant != null && graph.uses(value).size === 1);
  return weight?.name ?? '';
}

function isCalled({ name, op }: Node, text: string): boolean {
  return name === text || op === text;
}
