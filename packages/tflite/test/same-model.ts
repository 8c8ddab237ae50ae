import { createHash } from 'node:crypto';
import { describeEncoding, type Encoding, type Model, printType, toBytes, type Value } from '@espalier/core';

/** What a model computes and how it is held, line by line; names inside the graph are left out. */
export function outline({ graph, requantization }: Model): readonly string[] {
  const ids = new Map<Value, string>(graph.inputs.map((value) => [value, value.name]));
  const idOf = (value: Value | null): string => {
    if (value === null) return '-';
    if (value.constant !== null) return contentOf(value.constant);
    const id = ids.get(value) ?? `#${ids.size}`;
    ids.set(value, id);
    return id;
  };
  const nodes = graph.nodes.map(({ op, inputs, outputs, attributes }) => {
    const results = outputs.map((value) => `${idOf(value)}: ${typeOf(value)}`);
    const settings = [...attributes].map(([name, { value }]) => `${name}=${JSON.stringify(value)}`).sort();
    return `${results.join(', ')} = ${op}(${inputs.map(idOf).join(', ')}) ${settings.join(' ')}`;
  });
  return [
    requantization,
    ...graph.inputs.map((value) => `input ${value.name}: ${typeOf(value)}`),
    ...nodes,
    ...graph.outputs.map((value) => `output ${value.name} ${idOf(value)}`),
  ];
}

function typeOf(value: Value | null): string {
  const grid = value?.type?.quantization;
  const zeros = grid === undefined ? '' : ` scale ${grid.scale.join()} zero ${grid.zeroPoint.join()}`;
  return `${printType(value?.type ?? null)}${zeros}`;
}

function contentOf(encoding: Encoding): string {
  const { type, dims, data } = encoding.decode();
  const digest = createHash('sha1').update(toBytes(data)).digest('hex');
  return `${describeEncoding(encoding)} ${type}[${dims.join()}] ${digest}`;
}
