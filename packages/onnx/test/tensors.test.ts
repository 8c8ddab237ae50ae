import { create } from '@bufbuild/protobuf';
import { type DataType, elementCount, float32ToFloat16, Tensor, tensorOf, toBytes } from '@espalier/core';
import { describe, expect, test } from 'vitest';
import { type TensorProto, TensorProtoSchema } from '../src/gen/onnx_pb.js';
import { readTensor } from '../src/import/tensor-proto.js';
import { elementTypeNumber } from '../src/proto/element-types.js';
import { readOnnx } from '../src/read-onnx.js';
import { writeOnnx } from '../src/write-onnx.js';
import { makeOnnx } from './make-onnx.js';

function proto(type: DataType, content: Partial<Omit<TensorProto, '$typeName'>>): TensorProto {
  return create(TensorProtoSchema, { name: 't', dataType: elementTypeNumber(type), dims: [3n], ...content });
}

const rows: readonly { type: DataType; content: Partial<TensorProto>; values: readonly number[] }[] = [
  { type: 'float32', content: { floatData: [1.5, -2, 3] }, values: [1.5, -2, 3] },
  { type: 'float64', content: { doubleData: [1.5, -2, 0.1] }, values: [1.5, -2, 0.1] },
  { type: 'float16', content: { int32Data: [1.5, -2, 3].map(float32ToFloat16) }, values: [1.5, -2, 3] },
  { type: 'int8', content: { int32Data: [-128, 0, 127] }, values: [-128, 0, 127] },
  { type: 'uint8', content: { int32Data: [255, 0, 127] }, values: [255, 0, 127] },
  { type: 'int16', content: { int32Data: [-32768, 0, 32767] }, values: [-32768, 0, 32767] },
  { type: 'uint16', content: { int32Data: [65535, 0, 1] }, values: [65535, 0, 1] },
  {
    type: 'int32',
    content: { int32Data: [-(2 ** 31), 0, 2 ** 31 - 1] },
    values: [-(2 ** 31), 0, 2 ** 31 - 1],
  },
  { type: 'uint32', content: { uint64Data: [2n ** 32n - 1n, 0n, 1n] }, values: [2 ** 32 - 1, 0, 1] },
  { type: 'int64', content: { int64Data: [-(2n ** 53n), 0n, 1n] }, values: [-(2 ** 53), 0, 1] },
  { type: 'uint64', content: { uint64Data: [2n ** 53n, 0n, 1n] }, values: [2 ** 53, 0, 1] },
  { type: 'bool', content: { int32Data: [1, 0, 1] }, values: [1, 0, 1] },
];

describe('tensors', () => {
  test.each(rows)('of $type are read element by element and as bytes', ({ type, content, values }) => {
    const expected = tensorOf(type, values);
    expect(readTensor(proto(type, content), new Map()).data).toEqual(expected.data);
    const rawData = toBytes(expected.data) as Uint8Array<ArrayBuffer>;
    expect(readTensor(proto(type, { rawData }), new Map()).data).toEqual(expected.data);
  });

  test('without dims are scalars, with a dim of 0 empty', () => {
    expect(readTensor(proto('float32', { dims: [], floatData: [7] }), new Map()).dims).toEqual([]);
    expect(elementCount(readTensor(proto('float32', { dims: [2n, 0n] }), new Map()).dims)).toBe(0);
  });

  test('stay views of the file where they are aligned', () => {
    const file = new Uint8Array(32);
    const aligned = readTensor(
      proto('float32', { rawData: file.subarray(8, 20) as Uint8Array<ArrayBuffer> }),
      new Map(),
    );
    expect(aligned.data.buffer).toBe(file.buffer);
    const odd = readTensor(
      proto('float32', { rawData: file.subarray(9, 21) as Uint8Array<ArrayBuffer> }),
      new Map(),
    );
    expect(odd.data.buffer).not.toBe(file.buffer);
  });

  test('of bools hold nothing but 0 and 1', () => {
    expect(() => readTensor(proto('bool', { int32Data: [1, 2, 0] }), new Map())).toThrow('holds the byte 2');
  });
});

describe('weights', () => {
  const half = new Tensor('float16', Uint16Array.of(0x3c00, 0xc000), [2]);

  test('in Constant nodes are constants, whatever attribute holds them', async () => {
    const model = await readOnnx(
      makeOnnx({
        opset: 13,
        inputs: { x: [2] },
        outputs: ['y'],
        nodes: [
          {
            op: 'Constant',
            inputs: [],
            outputs: ['a'],
            attributes: { value_floats: { type: 'floats', value: [1, 2] } },
          },
          {
            op: 'Constant',
            inputs: [],
            outputs: ['b'],
            attributes: { value_int: { type: 'int', value: 0 } },
          },
          { op: 'Unsqueeze', inputs: ['x', 'b'], outputs: ['u'] },
          { op: 'Add', inputs: ['u', 'a'], outputs: ['y'] },
        ],
      }),
    );
    expect(model.graph.constants.map((value) => value.name).sort()).toEqual(['a', 'b']);
    expect(model.graph.value('y')?.type).toEqual({ dtype: 'float32', dims: [1, 2] });
  });

  test('cast from float16 stay float16 in memory and in the next file', async () => {
    const bytes = makeOnnx({
      opset: 13,
      inputs: { x: [2] },
      outputs: ['y'],
      constants: { h: half },
      nodes: [
        { op: 'Cast', inputs: ['h'], outputs: ['w'], attributes: { to: { type: 'int', value: 1 } } },
        { op: 'Add', inputs: ['x', 'w'], outputs: ['y'] },
      ],
    });
    const model = await readOnnx(await Promise.resolve(writeOnnx(await readOnnx(bytes))));
    const weight = model.graph.value('w')?.constant;
    expect(weight?.kind).toBe('cast');
    expect(weight?.decode().data).toEqual(Float32Array.of(1, -2));
  });

  test('with a second name by Identity are one constant', async () => {
    const model = await readOnnx(
      makeOnnx({
        opset: 13,
        inputs: { x: [1] },
        outputs: ['y', 'z'],
        constants: { w: tensorOf('float32', [3]) },
        nodes: [
          { op: 'Identity', inputs: ['w'], outputs: ['v'] },
          { op: 'Mul', inputs: ['x', 'v'], outputs: ['y'] },
          { op: 'Identity', inputs: ['w'], outputs: ['z'] },
        ],
      }),
    );
    expect(model.graph.nodes.map((node) => node.op).sort()).toEqual(['Identity', 'Mul']);
    expect(model.graph.constants.length).toBe(1);
  });
});
