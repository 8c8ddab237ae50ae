import {
  type Attribute,
  CodebookEncoding,
  type Encoding,
  elementCount,
  type Graph,
  type Model,
  modelParameterCount,
  type Node,
  printType,
  type Value,
  walkEncoding,
} from '@espalier/core';
import type { ModelView, NodeView } from './api.js';
import { digitFeed } from './digit-feed.js';
import { viewWeight } from './view-weight.js';

/** A file that a model came from, or goes to. */
export interface FileOfModel {
  readonly name: string;
  readonly format: string;
  readonly fileBytes: number;
}

/** What a page draws of a model. */
export function viewModel(model: Model, file: FileOfModel): ModelView {
  const { graph } = model;
  const ids = idsOf(graph);
  const weights = model.weights();
  const names = new Set(weights.map(({ name }) => name));
  const typed = (value: Value): string => `${value.name}: ${printType(value.type)}`;
  return {
    ...file,
    parameters: modelParameterCount(model),
    inputs: graph.inputs.map(typed),
    outputs: graph.outputs.map(typed),
    nodes: graph.nodes.map((node) => viewNode(node, graph, ids, names)),
    weights: weights.map(viewWeight),
    readsDigits: digitFeed(model) !== null,
  };
}

/** A node goes by its first output: passes keep the names of values, and those are unique. */
function idsOf(graph: Graph): ReadonlyMap<Node, string> {
  return new Map(
    graph.nodes.map((node, i) => [node, node.outputs.find((value) => value !== null)?.name ?? `node ${i}`]),
  );
}

function viewNode(
  node: Node,
  graph: Graph,
  ids: ReadonlyMap<Node, string>,
  names: ReadonlySet<string>,
): NodeView {
  const inputs = node.inputs.filter((value) => value !== null);
  const producers = inputs.map((value) => graph.producer(value)).filter((one) => one !== undefined);
  const constants = inputs.filter(({ constant }) => constant !== null);
  const weights = constants.map(({ name }) => name).filter((name) => names.has(name));
  const weight = constants.find(({ name }) => names.has(name));
  const output = node.outputs.find((value) => value !== null);
  const role = (value: Value): string =>
    value.constant !== null ? 'constant' : graph.isInput(value) ? 'model input' : 'input';
  return {
    id: ids.get(node) ?? '',
    op: node.domain === '' ? node.op : `${node.domain}.${node.op}`,
    name: node.name,
    reads: [...new Set(producers.map((producer) => ids.get(producer) ?? ''))],
    values: [
      ...inputs.map((value) => ({ role: role(value), text: typedValue(value) })),
      ...node.outputs
        .filter((value) => value !== null)
        .map((value) => ({
          role: graph.isOutput(value) ? 'model output' : 'output',
          text: typedValue(value),
        })),
    ],
    attributes: [...node.attributes].map(([name, attribute]) => `${name}: ${printAttribute(attribute)}`),
    bytes: constants.reduce((sum, { constant }) => sum + (constant?.byteLength ?? 0), 0),
    held: weight?.constant == null ? '' : heldAs(weight.constant),
    quantization: quantizationOf(output),
    weights,
  };
}

function typedValue(value: Value): string {
  return `${value.name}: ${printType(value.type)}`;
}

function quantizationOf(value: Value | undefined): string {
  const q = value?.type?.quantization;
  if (q === undefined) return '';
  return q.axis === null
    ? `${q.storageType}, scale ${(q.scale[0] ?? 0).toPrecision(4)}, zero point ${q.zeroPoint[0]}`
    : `${q.storageType}, a scale for each slice of axis ${q.axis}`;
}

/** The one word that says most of how a weight is held. */
function heldAs(tree: Encoding): string {
  const kinds = [...walkEncoding(tree)].map(({ encoding }) => encoding);
  const sparse = kinds.some(({ kind }) => kind === 'sparse') ? 'sparse ' : '';
  for (const encoding of kinds) {
    if (encoding instanceof CodebookEncoding) return `${sparse}${encoding.centroidCount} values`;
    if (encoding.kind === 'affine') return `${sparse}${encoding.children['codes']?.type ?? 'int8'}`;
  }
  return `${sparse}${kinds.at(-1)?.type ?? ''}`;
}

function printAttribute(attribute: Attribute): string {
  switch (attribute.type) {
    case 'int':
    case 'float':
      return String(attribute.value);
    case 'string':
      return JSON.stringify(attribute.value.slice(0, 200));
    case 'ints':
    case 'floats':
    case 'strings':
      return `[${attribute.value.slice(0, 32).join(', ')}${attribute.value.length > 32 ? ', …' : ''}]`;
    case 'tensor':
      return `${attribute.value.type}[${attribute.value.dims.join(', ')}], ${elementCount(attribute.value.dims)} elements`;
    default:
      return attribute satisfies never;
  }
}
