import { ModelError } from '../errors/errors.js';
import { integerRange } from '../tensor/data-type.js';
import type { Graph } from './graph.js';
import type { Model } from './model.js';
import type { Node, Value } from './node.js';

/**
 * Checks that the model hangs together: acyclic, every value produced once and known, types that
 * agree with what the constants are, quantization that fits its value.
 *
 * @throws {ModelError} for the first contradiction, with the node or value it is at
 */
export function verify({ graph }: Model): void {
  if (graph.outputs.length === 0) {
    throw new ModelError({ what: 'The model has no outputs.', fix: 'A model must hand something out.' });
  }
  for (const node of graph.nodes) verifyNode(graph, node);
  for (const value of graph.values) verifyValue(graph, value);
  for (const value of graph.outputs) assertComputable(graph, value, 'graph output');
}

function verifyNode(graph: Graph, node: Node): void {
  const where = `node "${node.name}" (${node.op})`;
  if (node.op === '') throw new ModelError({ what: 'A node has no operator.', where });
  if (node.outputs.every((output) => output === null))
    throw new ModelError({ what: 'A node has no outputs.', where });
  for (const [index, input] of node.inputs.entries()) {
    if (input !== null) assertComputable(graph, input, `${where}, input ${index}`);
  }
}

function assertComputable(graph: Graph, value: Value, where: string): void {
  if (!graph.has(value))
    throw new ModelError({ what: `The value "${value.name}" was removed, but is still read.`, where });
  if (value.constant !== null || graph.isInput(value) || graph.producer(value) !== undefined) return;
  throw new ModelError({
    what: `Nothing computes the value "${value.name}".`,
    where,
    fix: 'Add a node, an input or a constant of that name.',
  });
}

function verifyValue(graph: Graph, value: Value): void {
  const where = `value "${value.name}"`;
  const { type, constant } = value;
  if (constant !== null) {
    if (graph.producer(value) !== undefined || graph.isInput(value)) {
      throw new ModelError({ what: 'A constant is also computed or fed.', where });
    }
    if (type?.dtype !== constant.type || type.dims?.join() !== constant.dims.join()) {
      throw new ModelError({
        what: `A constant of ${constant.type}[${constant.dims.join(', ')}] has another type.`,
        where,
      });
    }
  }
  const bad = type?.dims?.find((dim) => typeof dim === 'number' && (!Number.isSafeInteger(dim) || dim < 0));
  if (bad !== undefined)
    throw new ModelError({ what: `A dim is ${bad}.`, where, fix: 'Dims are natural numbers or names.' });
  if (type?.quantization !== undefined) verifyQuantization(value, where);
}

function verifyQuantization({ type }: Value, where: string): void {
  const q = type?.quantization;
  if (type == null || q === undefined) return;
  const { min, max } = integerRange(q.storageType);
  if (!type.dtype.startsWith('float'))
    throw new ModelError({ what: `A ${type.dtype} value has a quantization.`, where });
  if (q.zeroPoint.some((z) => z < min || z > max)) {
    throw new ModelError({
      what: `A zero point lies outside ${q.storageType}.`,
      where,
      fix: `Use ${min} to ${max}.`,
    });
  }
  const slices = q.axis === null ? 1 : type.dims?.[q.axis];
  if (typeof slices === 'number' && slices !== q.scale.length) {
    throw new ModelError({
      what: `${q.scale.length} scales for ${slices} slices along axis ${q.axis}.`,
      where,
    });
  }
}
