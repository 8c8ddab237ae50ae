import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { Attributes, isFloat, Tensor, toNumbers } from '@espalier/core';
import { describe, expect, test } from 'vitest';
import type { OperatorCall } from '../../src/operators/operator.js';
import { operatorTable } from '../../src/operators/operator-table.js';
import { type NodeProto, readModel, readTensor } from './wire.js';

const root = new URL('../../../../../shared/conformance/onnx/', import.meta.url);
const absent = !existsSync(root);
if (absent) console.log(`skipped: no conformance cases at ${root.pathname}`);

interface Case {
  readonly case: string;
  readonly kind: string;
  readonly op: string;
  readonly opset: number;
}

/** Ops whose 8- and 16-bit results may be one unit off (conformance/README.md). */
const quantizing = new Set(['QuantizeLinear', 'DynamicQuantizeLinear', 'QLinearConv', 'QLinearMatMul']);

/** Older opsets whose meaning the importer translates: inputs that were attributes, other defaults. */
const older = new Set(['test_scatter_without_axis', 'test_upsample_nearest', 'test_dropout_random_old']);

/** Cases of one node, and those written out as function bodies in an opset whose meaning is today's. */
function isDirect({ kind, opset }: Case): boolean {
  return kind === 'node' || (kind === 'expanded' && opset >= 18);
}

const cases: readonly Case[] = absent
  ? []
  : JSON.parse(readFileSync(new URL('index.json', root), 'utf8')).cases.filter(
      (entry: Case) => isDirect(entry) && !older.has(entry.case),
    );

describe('The operators give what ONNX expects in its own node cases', () => {
  test.skipIf(absent)('there are cases to run', () => {
    expect(cases.length).toBeGreaterThan(500);
  });

  test.each(cases)('$case', ({ case: name }) => {
    const folder = new URL(`${name}/`, root);
    const model = readModel(bytesAt(new URL('model.onnx', folder)));
    for (const set of readdirSync(folder).filter((entry) => entry.startsWith('test_data_set'))) {
      const given = read(new URL(`${set}/`, folder), 'input');
      const values = new Map([
        ...model.initializers,
        ...given.map((t, i) => [model.inputs[i] ?? '', t] as const),
      ]);
      const wanted = read(new URL(`${set}/`, folder), 'output');
      for (const node of model.nodes) run(node, values);
      const half = [...given, ...wanted].some((t) => t.type === 'float16');
      const units = model.nodes.some((node) => quantizing.has(node.op)) ? 1 : 0;
      for (const [i, expected] of wanted.entries()) {
        expect(differences(values.get(model.outputs[i] ?? ''), expected, half, units)).toEqual([]);
      }
    }
  });
});

/** Computes one node and adds its outputs to the values. */
function run(node: NodeProto, values: Map<string, Tensor>): void {
  const entry = operatorTable[node.op];
  if (entry === undefined) throw new Error(`${node.op} is not in the table`);
  const call: OperatorCall = {
    attributes: new Attributes(node.attributes),
    outputs: node.outputs.map((output) => output !== ''),
    name: node.op,
  };
  const inputs = node.inputs.map((input) => values.get(input) ?? null);
  for (const [i, output] of entry.run(inputs, call).entries()) {
    if (output !== null) values.set(node.outputs[i] ?? '', output);
  }
}

/** A plain array: `slice` of a Node Buffer copies nothing. */
function bytesAt(file: URL): Uint8Array {
  return new Uint8Array(readFileSync(file));
}

function read(folder: URL, prefix: string): Tensor[] {
  const tensors: Tensor[] = [];
  for (let i = 0; existsSync(new URL(`${prefix}_${i}.pb`, folder)); i++) {
    tensors.push(readTensor(bytesAt(new URL(`${prefix}_${i}.pb`, folder))).tensor);
  }
  return tensors;
}

/** Where two tensors disagree, by the rules of conformance/README.md. */
function differences(
  actual: Tensor | null | undefined,
  expected: Tensor,
  half: boolean,
  units: number,
): string[] {
  if (!(actual instanceof Tensor)) return ['no tensor'];
  if (actual.type !== expected.type) return [`${actual.type}, expected ${expected.type}`];
  if (String(actual.dims) !== String(expected.dims))
    return [`shape [${actual.dims}], expected [${expected.dims}]`];
  const [got, want] = [toNumbers(actual), toNumbers(expected)];
  const [absolute, relative] = half ? [2e-3, 1e-2] : [1e-5, 1e-3];
  const found: string[] = [];
  for (let i = 0; i < want.length; i++) {
    const [a, e] = [got[i] ?? Number.NaN, want[i] ?? Number.NaN];
    const close = isFloat(expected.type)
      ? Math.abs(a - e) <= absolute + relative * Math.abs(e)
      : Math.abs(a - e) <= (expected.type.endsWith('8') || expected.type.endsWith('16') ? units : 0);
    if (!(Object.is(a, e) || a === e || close) || actual.data.length !== want.length)
      found.push(`at ${i}: ${a}, expected ${e}`);
  }
  return found.slice(0, 5);
}
