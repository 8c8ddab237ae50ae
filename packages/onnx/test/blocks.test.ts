import { fromBinary, toBinary } from '@bufbuild/protobuf';
import {
  BlockwiseEncoding,
  blockwise,
  cast,
  dense,
  type Encoding,
  Graph,
  Model,
  packed,
  Tensor,
  tensorOf,
  toFloat16Bits,
  toFloat32,
} from '@espalier/core';
import { describe, expect, test } from 'vitest';
import { ModelProtoSchema, TensorProto_DataType } from '../src/gen/onnx_pb.js';
import { readOnnx } from '../src/read-onnx.js';
import { writeOnnx } from '../src/write-onnx.js';
import { makeOnnx, randomTensor } from './make-onnx.js';
import { runInOnnxRuntime } from './onnx-runtime.js';

/** [70, 6] in blocks of 32 along the inputs, the last of 6, one scale each. */
function weights(
  type: 'int8' | 'uint8',
  bits: number,
  hasZeros: boolean,
  isHalf: boolean,
): BlockwiseEncoding {
  const [dims, own] = [
    [70, 6],
    [3, 6],
  ];
  const least = type === 'int8' ? -(2 ** (bits - 1)) : 0;
  const codes = tensorOf(
    type,
    Array.from({ length: 420 }, (_, i) => ((i * 2654435761) % 2 ** bits) + least),
    dims,
  ) as Tensor<'int8'>; // or of uint8: `packed` takes both
  const scales = Float32Array.from({ length: 18 }, (_, i) => (i + 1) / 256);
  const zeros = tensorOf(
    type,
    Array.from({ length: 18 }, (_, i) => least + (i % 2 ** bits)),
    own,
  );
  return blockwise(
    {
      codes: bits < 8 ? packed(codes, bits) : dense(codes),
      scales: isHalf
        ? cast(dense(new Tensor('float16', toFloat16Bits(scales), own)))
        : dense(new Tensor('float32', scales, own)),
      zeroPoints: hasZeros ? dense(zeros) : undefined,
    },
    0,
    32,
  );
}

function product(weight: Encoding): Model {
  const graph = new Graph();
  const x = graph.addInput('x', { dtype: 'float32', dims: [2, 70] });
  const y = graph.apply({ op: 'MatMul', inputs: [x, graph.constant(weight, 'w')] }, 'y', {
    dtype: 'float32',
    dims: [2, 6],
  });
  graph.addOutput(y);
  return new Model(graph);
}

describe('weights in blocks', () => {
  test.each([
    ['int8', 4, false, false],
    ['int8', 3, false, true],
    ['uint8', 4, true, false],
    ['int8', 8, false, true],
    ['uint8', 8, true, false],
  ] as const)(
    'of %s in %d bits, zero points %s, halves %s, run in ONNX Runtime and come back',
    async (type, bits, hasZeros, isHalf) => {
      const weight = weights(type, bits, hasZeros, isHalf);
      const bytes = writeOnnx(product(weight));
      const x = randomTensor([2, 70], 5);
      const [row, w] = [toFloat32(x), toFloat32(weight.decode())];
      const expected = Float64Array.from({ length: 12 }, (_, at) => {
        let sum = 0;
        for (let k = 0; k < 70; k++)
          sum += (row[Math.floor(at / 6) * 70 + k] ?? NaN) * (w[k * 6 + (at % 6)] ?? NaN);
        return sum;
      });
      const y = (await runInOnnxRuntime(bytes, { x }, { graphOptimizationLevel: 'basic' }))['y'];
      const fused = (await runInOnnxRuntime(bytes, { x }))['y'];
      const size = Math.max(...expected.map(Math.abs));
      for (const [i, sum] of expected.entries()) {
        // 70 products of float32, summed in any order.
        expect(Math.abs(Number(y?.data[i]) - sum)).toBeLessThan(70 * 2 ** -22 * size);
        // With all of its optimizations ONNX Runtime makes a MatMulNBits of it, which rounds x to 8 bits in blocks.
        expect(Math.abs(Number(fused?.data[i]) - sum)).toBeLessThan(size / 127);
      }
      const back = (await readOnnx(bytes)).graph.value('w')?.constant;
      if (!(back instanceof BlockwiseEncoding)) throw new Error('not in blocks');
      expect([back.axis, back.blockSize, back.dims]).toEqual([0, 32, [70, 6]]);
      expect(back.decode().data).toEqual(weight.decode().data);
      expect(back.children.scales.kind).toBe(isHalf ? 'cast' : 'dense');
      expect(back.byteLength).toBeLessThanOrEqual(weight.byteLength + (bits === 3 ? 60 : 10));
      // Once more: what was read is written to the same bytes.
      expect(writeOnnx(await readOnnx(writeOnnx(await readOnnx(bytes))))).toEqual(
        writeOnnx(await readOnnx(bytes)),
      );
    },
  );

  test('go in 4 bits where their codes fit, whatever holds them', () => {
    const types = (bytes: Uint8Array) =>
      fromBinary(ModelProtoSchema, bytes).graph?.initializer.map(
        ({ dataType }) => TensorProto_DataType[dataType],
      );
    expect(types(writeOnnx(product(weights('int8', 3, false, true))))).toEqual(['INT4', 'FLOAT16']);
    expect(types(writeOnnx(product(weights('uint8', 4, true, false))))).toEqual(['UINT4', 'FLOAT', 'UINT4']);
    expect(types(writeOnnx(product(weights('int8', 5, false, false))))).toEqual(['INT8', 'FLOAT']);
  });

  test('of 4 bits are refused by name where anything but DequantizeLinear reads them', async () => {
    const bytes = makeOnnx({
      opset: 21,
      inputs: { x: [4] },
      outputs: ['y'],
      constants: {
        s: tensorOf('float32', [0.5], []),
        z: tensorOf('int8', [1], []),
      },
      nodes: [{ op: 'QuantizeLinear', inputs: ['x', 's', 'z'], outputs: ['y'] }],
    });
    const proto = fromBinary(ModelProtoSchema, bytes);
    const zero = proto.graph?.initializer.find(({ name }) => name === 'z');
    if (zero === undefined) throw new Error('no zero point');
    zero.dataType = TensorProto_DataType.INT4;
    await expect(async () => readOnnx(toBinary(ModelProtoSchema, proto))).rejects.toThrow(
      /4 bits are read by DequantizeLinear only, not by QuantizeLinear/,
    );
  });

  test('of the wrong number of bytes are refused', async () => {
    const proto = fromBinary(ModelProtoSchema, writeOnnx(product(weights('int8', 4, false, false))));
    const codes = proto.graph?.initializer[0];
    if (codes === undefined) throw new Error('no codes');
    codes.rawData = codes.rawData.slice(1) as Uint8Array<ArrayBuffer>;
    await expect(async () => readOnnx(toBinary(ModelProtoSchema, proto))).rejects.toThrow(
      /210 bytes in 4 bits/,
    );
  });
});
