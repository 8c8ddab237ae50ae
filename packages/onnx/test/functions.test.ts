import { int, ints, tensorOf } from '@espalier/core';
import { describe, expect, test } from 'vitest';
import { AttributeProto_AttributeType as Kind } from '../src/gen/onnx_pb.js';
import { readOnnx } from '../src/read-onnx.js';
import { writeOnnx } from '../src/write-onnx.js';
import { type ModelText, makeOnnx } from './make-onnx.js';
import { runInOnnxRuntime } from './onnx-runtime.js';

function softmaxRows(values: readonly number[], width: number): number[] {
  return values.map((value, i) => {
    const row = values.slice(i - (i % width), i - (i % width) + width);
    return Math.exp(value) / row.reduce((sum, v) => sum + Math.exp(v), 0);
  });
}

/** f(x; axis) = Softmax(x + x) of opset 12, called twice from a model of opset 17. */
const text: ModelText = {
  opset: 17,
  inputs: { x: [2, 2, 2] },
  outputs: ['y'],
  domains: { mine: 1 },
  functions: [
    {
      name: 'F',
      domain: 'mine',
      input: ['a'],
      output: ['b'],
      attribute: ['axis'],
      opsetImport: [{ domain: '', version: 12n }],
      node: [
        { opType: 'Add', input: ['a', 'a'], output: ['t'] },
        {
          opType: 'Softmax',
          input: ['t'],
          output: ['b'],
          attribute: [{ name: 'axis', refAttrName: 'axis', type: Kind.INT }],
        },
      ],
    },
  ],
  nodes: [
    { op: 'F', domain: 'mine', name: 'one', inputs: ['x'], outputs: ['m'], attributes: { axis: int(1) } },
    { op: 'F', domain: 'mine', name: 'two', inputs: ['m'], outputs: ['y'], attributes: { axis: int(2) } },
  ],
};

describe("a model's own functions", () => {
  test('are expanded, each call with its attributes, in the opset of the function', async () => {
    const model = await readOnnx(makeOnnx(text));
    // From axis 1 on, opset 12 sees [2, 4]: that is a Flatten and a Reshape in the newest opset.
    expect(model.graph.nodes.map((node) => node.op)).toEqual([
      'Add',
      'Flatten',
      'Softmax',
      'Reshape',
      'Add',
      'Softmax',
    ]);
    // Opset 12 makes [2, 4] of x and [4, 2] of the result; ONNX Runtime ignores the function's own opset.
    const x = [0.1, 0.2, 0.3, 0.4, 1, 2, 3, 4];
    const expected = softmaxRows(
      softmaxRows(
        x.map((v) => 2 * v),
        4,
      ).map((v) => 2 * v),
      2,
    );
    const { y } = await runInOnnxRuntime(writeOnnx(model), { x: tensorOf('float32', x, [2, 2, 2]) });
    for (const [i, value] of expected.entries()) expect(Number(y?.data[i])).toBeCloseTo(value, 6);
  });

  test('that call themselves are an error that names them', async () => {
    const functions = [
      {
        name: 'F',
        domain: 'mine',
        input: ['a'],
        output: ['b'],
        node: [{ opType: 'F', domain: 'mine', input: ['a'], output: ['b'] }],
      },
    ];
    await expect(readOnnx(makeOnnx({ ...text, functions }))).rejects.toThrow(
      'The function "F" calls itself.',
    );
  });

  test('that double at each level do not use up the memory', async () => {
    const functions = Array.from({ length: 40 }, (_, i) => ({
      name: `F${i}`,
      domain: 'mine',
      input: ['a'],
      output: ['b'],
      opsetImport: [{ domain: '', version: 12n }],
      node:
        i === 39
          ? [{ opType: 'Relu', input: ['a'], output: ['b'] }]
          : [
              { opType: `F${i + 1}`, domain: 'mine', input: ['a'], output: ['t'] },
              { opType: `F${i + 1}`, domain: 'mine', input: ['t'], output: ['b'] },
            ],
    }));
    const nodes = [{ op: 'F0', domain: 'mine', inputs: ['x'], outputs: ['y'] }];
    await expect(readOnnx(makeOnnx({ ...text, functions, nodes }))).rejects.toMatchObject({ code: 'FORMAT' });
  });
});

describe('operators of other domains', () => {
  test('are refused with domain, operator and node', async () => {
    const nodes = [
      {
        op: 'FusedConv',
        domain: 'com.microsoft',
        name: 'n7',
        inputs: ['x'],
        outputs: ['y'],
        attributes: { pads: ints([0]) },
      },
    ];
    await expect(
      readOnnx(makeOnnx({ ...text, functions: [], nodes, domains: { 'com.microsoft': 1 } })),
    ).rejects.toMatchObject({
      code: 'UNSUPPORTED',
      what: 'The operator com.microsoft.FusedConv is not supported.',
      where: 'node "n7" (FusedConv, com.microsoft opset 1)',
    });
  });

  test("of ONNX Runtime that mean one of ONNX's own are read as that", async () => {
    const nodes = [{ op: 'Gelu', domain: 'com.microsoft', inputs: ['x'], outputs: ['y'] }];
    const bytes = makeOnnx({ ...text, functions: [], nodes, domains: { 'com.microsoft': 1 } });
    const model = await readOnnx(bytes);
    expect(model.graph.nodes[0]).toMatchObject({ op: 'Gelu', domain: '' });
  });
});
