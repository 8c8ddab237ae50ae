import { type Attribute, type Encoding, type Model, type Node, toBytes, type Value } from '@espalier/core';

/** What is compared: everything of a model, with values by number, so that names may differ. */
export interface Comparison {
  readonly names: boolean;
  readonly types: boolean;
}

/** A model as plain data for `toStrictEqual`, which tells -0 from 0 and takes NaN for itself. */
export function snapshot(model: Model, { names, types }: Comparison): unknown {
  const { graph } = model;
  const numbers = new Map<Value, number>();
  const number = (value: Value | null): number | null => {
    if (value === null) return null;
    if (!numbers.has(value)) numbers.set(value, numbers.size);
    return numbers.get(value) ?? null;
  };
  const seen = (value: Value, known: boolean): unknown => ({
    number: number(value),
    name: names ? value.name : null,
    type: types || known ? value.type && { ...value.type } : null,
    constant: value.constant && encodingSnapshot(value.constant),
  });
  return {
    name: graph.name,
    metadata: [...model.metadata],
    requantization: model.requantization,
    inputs: graph.inputs.map((value) => seen(value, true)),
    nodes: graph.nodes.map((node) => ({
      op: node.op,
      domain: node.domain,
      name: names ? node.name : null,
      attributes: attributes(node),
      inputs: node.inputs.map((value) => value && seen(value, value.constant !== null)),
      outputs: node.outputs.map((value) => value && seen(value, value.type?.quantization !== undefined)),
    })),
    outputs: graph.outputs.map((value) => seen(value, true)),
    constants: graph.constants.length,
  };
}

function attributes(node: Node): unknown {
  return [...node.attributes].map(([name, attribute]) => [name, plain(attribute)]);
}

function plain({ type, value }: Attribute): unknown {
  if (type !== 'tensor') return { type, value };
  return { type, dtype: value.type, dims: value.dims, bytes: hex(toBytes(value.data)) };
}

/** A tree with the bytes of every part of it. */
export function encodingSnapshot(encoding: Encoding): unknown {
  return {
    kind: encoding.kind,
    type: encoding.type,
    dims: [...encoding.dims],
    params: hex(encoding.params()),
    payload: hex(encoding.payload()),
    children: Object.entries(encoding.children).map(([slot, child]) => [slot, encodingSnapshot(child)]),
  };
}

export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
