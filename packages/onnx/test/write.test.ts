import { fromBinary } from '@bufbuild/protobuf';
import { dense, type Encoding, Graph, int, Model, Tensor, tensorOf, type ValueType } from '@espalier/core';
import { describe, expect, test } from 'vitest';
import { onnxFormat } from '../src/format.js';
import { type ModelProto, ModelProtoSchema } from '../src/gen/onnx_pb.js';
import { readOnnx } from '../src/read-onnx.js';
import { writeOnnx } from '../src/write-onnx.js';
import { makeOnnx } from './make-onnx.js';
import { runInOnnxRuntime } from './onnx-runtime.js';

const vector: ValueType = { dtype: 'float32', dims: ['N', 2] };

function oneNode(op: string, attributes = {}, domain = ''): Model {
  const graph = new Graph('g');
  const x = graph.addInput('x', vector);
  graph.addOutput(graph.apply({ op, domain, name: 'n', inputs: [x], attributes }, 'y', vector));
  return new Model(graph, {
    metadata: [
      ['description', 'a test'],
      ['licence', 'MIT'],
    ],
  });
}

function parsed(model: Model): ModelProto {
  return fromBinary(ModelProtoSchema, writeOnnx(model));
}

describe('writeOnnx', () => {
  test('writes opset 21 and IR version 10, names and metadata kept', () => {
    const proto = parsed(oneNode('Relu'));
    expect([proto.irVersion, proto.opsetImport[0]?.version]).toEqual([10n, 21n]);
    expect([proto.docString, proto.metadataProps.map(({ key, value }) => [key, value])]).toEqual([
      'a test',
      [['licence', 'MIT']],
    ]);
    expect(proto.graph?.node[0]).toMatchObject({ name: 'n', opType: 'Relu', input: ['x'], output: ['y'] });
    expect(proto.graph?.input[0]?.type?.value.value).toMatchObject({ elemType: 1 });
  });

  test.each([
    { op: 'Swish', opset: 24n, ir: 12n },
    { op: 'HardSwish', opset: 21n, ir: 10n },
  ])('writes $op in opset $opset', ({ op, opset, ir }) => {
    const proto = parsed(oneNode(op));
    expect([proto.opsetImport[0]?.version, proto.irVersion]).toEqual([opset, ir]);
  });

  test.each([
    { op: 'Magic', domain: '', name: 'Magic' },
    { op: 'Conv', domain: 'my.own', name: 'my.own.Conv' },
  ])('refuses $name, which ONNX has not', ({ op, domain, name }) => {
    expect(() => writeOnnx(oneNode(op, {}, domain))).toThrow(`ONNX has no operator ${name}.`);
  });

  test('gives every node a name of its own, and helpers names that nobody has', async () => {
    const graph = new Graph('g');
    const quantized = {
      ...vector,
      quantization: {
        scale: Float32Array.of(0.5),
        zeroPoint: Int32Array.of(3),
        axis: null,
        storageType: 'int8' as const,
      },
    };
    const x = graph.addInput('x', quantized);
    const a = graph.apply({ op: 'Neg', name: 'same', inputs: [x] }, 'x_codes', quantized);
    const b = graph.apply({ op: 'Abs', name: 'same', inputs: [a] }, 'x_scale', vector);
    graph.addOutput(b);
    const proto = parsed(new Model(graph));
    const names = proto.graph?.node.map((node) => node.name) ?? [];
    expect(new Set(names).size).toBe(names.length);
    const bytes = writeOnnx(new Model(graph));
    // 1.3 and -9 are 3 and -18 steps of 0.5: 1.5 and -9, and 127 - 3 steps are the most there is.
    const { x_scale } = await runInOnnxRuntime(bytes, { x: tensorOf('float32', [1.3, -9], [1, 2]) });
    expect(x_scale?.data).toEqual(Float32Array.of(1.5, 9));
    expect((await readOnnx(bytes)).graph.nodes.map((node) => node.op)).toEqual(['Neg', 'Abs']);
  });

  test('leaves constants out that nobody reads', () => {
    const model = oneNode('Relu');
    model.graph.constant(tensorOf('float32', [1]), 'unused');
    expect(parsed(model).graph?.initializer).toEqual([]);
  });

  test('refuses what exceeds 2 GiB before anything is decoded', () => {
    const model = oneNode('Relu');
    const huge: Encoding = {
      ...dense(new Tensor('float32', Float32Array.of(1))),
      kind: 'test',
      type: 'float32',
      dims: [2 ** 30],
      children: {},
      byteLength: 1,
      decode: () => {
        throw new Error('decoded');
      },
      withChildren: () => huge,
      params: () => new Uint8Array(),
      payload: () => new Uint8Array(),
    };
    const weight = model.graph.constant(huge, 'w');
    model.graph.addOutput(model.graph.apply({ op: 'Neg', inputs: [weight] }, 'z'));
    expect(() => writeOnnx(model)).toThrow('holds at most 2 GiB');
  });

  test('gives the same bytes twice, and the same model after a second reading', async () => {
    const model = oneNode('Softmax', { axis: int(-1) });
    const bytes = writeOnnx(model);
    expect(writeOnnx(model)).toEqual(bytes);
    expect(writeOnnx(await readOnnx(bytes))).toEqual(bytes);
  });
});

describe('onnxFormat', () => {
  test('knows its own files from others', () => {
    const { detect } = onnxFormat;
    const model = makeOnnx({
      opset: 13,
      inputs: { x: [1] },
      outputs: ['y'],
      nodes: [{ op: 'Relu', inputs: ['x'], outputs: ['y'] }],
    });
    expect(detect(model)).toBe(true);
    for (const other of [
      '',
      '<html>',
      'PK\x03\x04',
      '{"a": 1}',
      '\x1c\0\0\0TFL3',
      '\x89PNG',
      '\x93NUMPY',
      '*text',
      'hello',
      '2025 was',
      ':-) ok',
      'Bytes of no model',
    ]) {
      expect([other, detect(new TextEncoder().encode(other))]).toEqual([other, false]);
    }
  });
});
