import { existsSync, readFileSync } from 'node:fs';
import { describeEncoding, type Model, type Node, toFloat32, toNumbers, verify } from '@espalier/core';
import { describe, expect, test } from 'vitest';
import { readTflite } from '../src/read-tflite.js';
import type { OptionsMember } from '../src/schema/options.js';
import {
  bytesOf,
  FLOAT16,
  INT8,
  INT32,
  type ModelSketch,
  makeTflite,
  type OperatorSketch,
  type TensorSketch,
} from './make-tflite.js';

function read(sketch: ModelSketch): Model {
  const model = readTflite(makeTflite(sketch));
  verify(model);
  return model;
}

function opsOf({ graph }: Model): string {
  return graph.nodes.map(({ op }) => op).join(' ');
}

function only({ graph }: Model, op: string): Node {
  const [node, ...others] = graph.nodesOf(op);
  if (node === undefined || others.length > 0) throw new Error(`There is not one ${op}.`);
  return node;
}

const conv2D: OptionsMember = {
  name: 'Conv2D',
  table: {
    padding: 0,
    strideW: 2,
    strideH: 1,
    activation: 1,
    dilationW: 1,
    dilationH: 1,
    quantizedBiasType: 0,
  },
};
const softmax: OptionsMember = { name: 'Softmax', table: { beta: 1 } };

function constant(name: string, shape: readonly number[], values: readonly number[]): TensorSketch {
  return { name, shape, data: bytesOf(Float32Array.from(values)) };
}

function indices(name: string, values: readonly number[]): TensorSketch {
  return { name, shape: [values.length], type: INT32, data: bytesOf(Int32Array.from(values)) };
}

const count = (length: number): readonly number[] => Array.from({ length }, (_, i) => i);

/** A 2 x 2 convolution of 1 channel to 2 over an image of 3 x 4. */
const tensors: readonly TensorSketch[] = [
  { name: 'image', shape: [1, 3, 4, 1], signature: [-1, 3, 4, 1] },
  constant('kernels', [2, 2, 2, 1], count(8)),
  { name: 'features', shape: [1, 3, 2, 2], signature: [-1, 3, 2, 2] },
];
const convolved: OperatorSketch = { name: 'CONV_2D', inputs: [0, 1], outputs: [2], options: conv2D };

describe('layout', () => {
  test('images are transposed where they come in, and where they go out', () => {
    const model = read({ tensors, operators: [convolved], inputs: [0], outputs: [2] });
    expect(opsOf(model)).toBe('Transpose Conv Relu Transpose');
    expect(model.graph.inputs.map(({ name, type }) => [name, type?.dims])).toEqual([
      ['image', ['batch', 3, 4, 1]],
    ]);
    expect(model.graph.outputs.map(({ name, type }) => [name, type?.dims])).toEqual([
      ['features', ['batch', 3, 2, 2]],
    ]);
  });

  test('SAME stands for padding by numbers, the odd one behind', () => {
    const { attributes } = only(read({ tensors, operators: [convolved], inputs: [0], outputs: [2] }), 'Conv');
    expect(attributes.ints('pads')).toEqual([0, 0, 1, 0]);
    expect(attributes.ints('strides')).toEqual([1, 2]);
  });

  test('kernels of [outputs, H, W, channels] become [outputs, channels, H, W]', () => {
    const two: readonly TensorSketch[] = [
      { shape: [1, 3, 4, 2] },
      constant('kernels', [1, 2, 2, 2], count(8)),
      { shape: [1, 3, 2, 1] },
    ];
    const weight = only(read({ tensors: two, operators: [convolved], inputs: [0], outputs: [2] }), 'Conv')
      .inputs[1];
    expect(weight?.constant?.dims).toEqual([1, 2, 2, 2]);
    expect(Array.from(toNumbers(weight?.constant?.decode() as never))).toEqual([0, 2, 4, 6, 1, 3, 5, 7]);
  });

  test('an image is flattened as it is at hand, and the columns of the weights follow', () => {
    const model = read({
      tensors: [
        ...tensors,
        indices('shape', [-1, 12]),
        { name: 'flat', shape: [1, 12], signature: [-1, 12] },
        constant('matrix', [1, 12], count(12)),
        { name: 'scores', shape: [1, 1], signature: [-1, 1] },
      ],
      operators: [
        convolved,
        { name: 'RESHAPE', inputs: [2, 3], outputs: [4] },
        { name: 'FULLY_CONNECTED', inputs: [4, 5], outputs: [6] },
      ],
      inputs: [0],
      outputs: [6],
    });
    expect(opsOf(model)).toBe('Transpose Conv Relu Reshape Gemm');
    const matrix = only(model, 'Gemm').inputs[1]?.constant?.decode();
    // Place (h, w, c) of 3 x 2 x 2 was column 4h + 2w + c, and is column 6c + 2h + w.
    expect(Array.from(toNumbers(matrix as never))).toEqual([0, 2, 4, 6, 8, 10, 1, 3, 5, 7, 9, 11]);
  });

  test('who reads the flattened image otherwise gets it in the order of the file', () => {
    const model = read({
      tensors: [
        ...tensors,
        indices('shape', [-1, 12]),
        { name: 'flat', shape: [1, 12], signature: [-1, 12] },
        { name: 'y', shape: [1, 12], signature: [-1, 12] },
      ],
      operators: [
        convolved,
        { name: 'RESHAPE', inputs: [2, 3], outputs: [4] },
        { name: 'SOFTMAX', inputs: [4], outputs: [5], options: softmax },
      ],
      inputs: [0],
      outputs: [5],
    });
    expect(opsOf(model)).toBe('Transpose Conv Relu Transpose Reshape Softmax');
  });

  test('a Transpose of the file that makes images is none', () => {
    const model = read({
      tensors: [
        { name: 'planes', shape: [1, 1, 3, 4] },
        indices('order', [0, 2, 3, 1]),
        { name: 'image', shape: [1, 3, 4, 1] },
        constant('kernels', [2, 2, 2, 1], count(8)),
        { name: 'features', shape: [1, 3, 2, 2] },
        indices('axes', [1, 2]),
        { name: 'means', shape: [1, 2] },
      ],
      operators: [
        { name: 'TRANSPOSE', inputs: [0, 1], outputs: [2] },
        { ...convolved, inputs: [2, 3], outputs: [4] },
        { name: 'MEAN', inputs: [4, 5], outputs: [6] },
      ],
      inputs: [0],
      outputs: [6],
    });
    expect(opsOf(model)).toBe('Conv Relu ReduceMean');
    expect(Array.from(toNumbers(only(model, 'ReduceMean').inputs[1]?.constant?.decode() as never))).toEqual([
      2, 3,
    ]);
  });

  test('a Transpose of what was given another shape, and of codes to other codes, is one', () => {
    const square = read({
      tensors: [
        { name: 'row', shape: [1, 4] },
        indices('shape', [2, 2]),
        { name: 'square', shape: [2, 2] },
        indices('order', [1, 0]),
        { name: 'turned', shape: [2, 2] },
      ],
      operators: [
        { name: 'RESHAPE', inputs: [0, 1], outputs: [2] },
        { name: 'TRANSPOSE', inputs: [2, 3], outputs: [4] },
      ],
      inputs: [0],
      outputs: [4],
    });
    expect(opsOf(square)).toBe('Reshape Transpose');
    expect(only(square, 'Transpose').attributes.ints('perm')).toEqual([1, 0]);
    const codes = { type: INT8, zeroPoint: [0] };
    const regridded = read({
      tensors: [
        { name: 'x', shape: [1, 2, 2], scale: [0.5], ...codes },
        indices('order', [0, 2, 1]),
        { name: 'y', shape: [1, 2, 2], scale: [0.25], ...codes },
      ],
      operators: [{ name: 'TRANSPOSE', inputs: [0, 1], outputs: [2] }],
      inputs: [0],
      outputs: [2],
    });
    expect(opsOf(regridded).split(' ')).toContain('Transpose');
    expect(only(regridded, 'Transpose').attributes.ints('perm')).toEqual([0, 2, 1]);
  });

  test('what is added to an image for each channel lies along its channels', () => {
    const model = read({
      tensors: [...tensors, constant('offsets', [2], [5, 6]), { name: 'sum', shape: [1, 3, 2, 2] }],
      operators: [convolved, { name: 'ADD', inputs: [2, 3], outputs: [4] }],
      inputs: [0],
      outputs: [4],
    });
    expect(opsOf(model)).toBe('Transpose Conv Relu Add Transpose');
    expect(only(model, 'Add').inputs[1]?.constant?.dims).toEqual([1, 2, 1, 1]);
  });
});

test('a slice to the end of an axis whose size is not known is one', () => {
  const masks = { ellipsisMask: 0, newAxisMask: 0, shrinkAxisMask: 0, offset: false };
  const model = read({
    tensors: [
      { name: 'x', shape: [1, 4], signature: [-1, 4] },
      indices('begin', [1, 1]),
      indices('end', [0, 3]),
      indices('strides', [1, 1]),
      { name: 'y', shape: [0, 2], signature: [-1, 2] },
    ],
    operators: [
      {
        name: 'STRIDED_SLICE',
        inputs: [0, 1, 2, 3],
        outputs: [4],
        options: { name: 'StridedSlice', table: { beginMask: 0, endMask: 1, ...masks } },
      },
    ],
    inputs: [0],
    outputs: [4],
  });
  const [, starts, ends, axes] = only(model, 'Slice').inputs.map((value) =>
    value?.constant == null ? [] : Array.from(toNumbers(value.constant.decode())),
  );
  expect([starts, ends, axes]).toEqual([
    [1, 1],
    [2 ** 31 - 1, 3],
    [0, 1],
  ]);
});

describe('weights', () => {
  const matrix = (
    weights: readonly TensorSketch[],
    operators: readonly OperatorSketch[],
    at: number,
  ): Model =>
    read({
      tensors: [{ name: 'x', shape: [1, 2] }, ...weights, { name: 'y', shape: [1, 2] }],
      operators: [...operators, { name: 'FULLY_CONNECTED', inputs: [0, at], outputs: [weights.length + 1] }],
      inputs: [0],
      outputs: [weights.length + 1],
    });

  test('float16 behind a DEQUANTIZE stay float16', () => {
    const half = {
      name: 'h',
      shape: [2, 2],
      type: FLOAT16,
      data: bytesOf(Uint16Array.of(0x3c00, 0, 0x4000, 0xbc00)),
    };
    const operators = [{ name: 'DEQUANTIZE', inputs: [1], outputs: [2] }];
    const weight = only(matrix([half, { name: 'w', shape: [2, 2] }], operators, 2), 'Gemm').inputs[1]
      ?.constant;
    expect(describeEncoding(weight as never)).toBe('cast(source: float16)');
    expect(toFloat32(weight?.decode() as never)).toEqual(Float32Array.of(1, 0, 2, -1));
  });

  test('int8 beside float activations stay int8, for each channel and for all', () => {
    const codes = {
      name: 'w',
      shape: [2, 2],
      type: INT8,
      data: bytesOf(Int8Array.of(1, 2, 3, 4)),
      scale: [0.5, 2],
    };
    const weight = only(matrix([codes], [], 1), 'Gemm').inputs[1]?.constant;
    expect(describeEncoding(weight as never)).toBe('affine(codes: int8)');
    expect(toFloat32(weight?.decode() as never)).toEqual(Float32Array.of(0.5, 1, 6, 8));
  });

  test('two int4 share a byte, the low bits first', () => {
    const codes = { name: 'w', shape: [2, 2], type: 17, data: Uint8Array.of(0x71, 0xf8), scale: [1] };
    const weight = only(matrix([codes], [], 1), 'Gemm').inputs[1]?.constant;
    expect(toFloat32(weight?.decode() as never)).toEqual(Float32Array.of(1, 7, -8, -1));
  });

  test('the rule of a file with codes is that of LiteRT; a file of reals has none of its own', () => {
    const reals: ModelSketch = {
      tensors: [{ shape: [2] }, { shape: [2] }],
      operators: [{ name: 'RELU', inputs: [0], outputs: [1] }],
      inputs: [0],
      outputs: [1],
    };
    expect(read(reals).requantization).toBe('onnx');
    const grid = { shape: [2], type: INT8, scale: [0.5] };
    const codes = { ...reals, tensors: [grid, grid] };
    expect(read(codes).requantization).toBe('tflite');
    expect(readTflite(makeTflite(codes), { requantization: 'tflite-double' }).requantization).toBe(
      'tflite-double',
    );
  });
});

const shared = new URL('../../../../shared/models/', import.meta.url);

describe.skipIf(!existsSync(shared))('files of shared/models', () => {
  const model = (path: string): Model => {
    const read = readTflite(new Uint8Array(readFileSync(new URL(path, shared))));
    verify(read);
    return read;
  };

  test.each([
    ['mlperf-tiny/pretrainedResnet.tflite', 1],
    ['mlperf-tiny/pretrainedResnet_large_int8.tflite', 1],
    ['mlperf-tiny/vww_96_int8.tflite', 1],
    ['mlperf-tiny/kws_ref_model.tflite', 1],
    ['tflite-micro/person_detect.tflite', 1],
    ['tflite-micro/mobilenet_v2_quantized_1x3x224x224.tflite', 0],
    ['tflite-micro/micro_speech_quantized.tflite', 0],
  ])('%s: no Transpose but %d at its input', (path, transposes) => {
    const { graph } = model(path);
    const found = graph.nodesOf('Transpose');
    expect(found.length).toBe(transposes);
    for (const node of found) {
      const [source] = node.inputs;
      const before = graph.producer(source);
      expect(before === undefined || before.op === 'DequantizeLinear').toBe(true);
    }
  });

  test.each([
    ['tflite-micro/trained_lstm.tflite', /UNIDIRECTIONAL_SEQUENCE_LSTM \(0\)/],
    ['tflite-micro/audio_preprocessor_int8.tflite', /"SignalWindow" \(0\), .*"SignalFilterBankLog" \(13\)/],
  ])('%s is refused by the names of its operators', (path, message) => {
    expect(() => model(path)).toThrow(message);
  });
});

describe('sums of 16-bit activations', () => {
  const INT16 = 7;
  const INT64 = 4;
  const image = { name: 'image', shape: [1, 3, 4, 1], type: INT16, scale: [2 ** -12] };
  const kernels = {
    ...{ name: 'kernels', shape: [2, 2, 2, 1], type: INT8, scale: [0.01] },
    data: bytesOf(Int8Array.from(count(8))),
  };
  const features = { name: 'features', shape: [1, 3, 2, 2], type: INT16, scale: [2 ** -10] };
  const convolution = (bias: TensorSketch | null, quantizedBiasType = 0): ModelSketch => ({
    tensors: [image, kernels, features, ...(bias === null ? [] : [bias])],
    operators: [
      {
        ...{ name: 'CONV_2D', inputs: bias === null ? [0, 1] : [0, 1, 3], outputs: [2] },
        options: { name: 'Conv2D', table: { ...conv2D.table, quantizedBiasType } },
      } as OperatorSketch,
    ],
    ...{ inputs: [0], outputs: [2] },
  });

  test('are of 64 bits, with a bias of such or without', () => {
    const data = new Uint8Array(BigInt64Array.of(1000n, -5n).buffer);
    const model = read(
      convolution({ name: 'bias', shape: [2], type: INT64, scale: [0.01 * 2 ** -12], data }),
    );
    expect(opsOf(model)).toBe('DequantizeLinear Transpose Conv Relu Transpose QuantizeLinear');
    expect(opsOf(read(convolution(null)))).toBe(opsOf(model));
  });

  test('that are of 32 bits are refused: they are multiplied by another rule', () => {
    const bias = indices('bias', [1000, -5]);
    expect(() => read(convolution({ ...bias, scale: [0.01 * 2 ** -12] }))).toThrow(/not of 64 bits/);
    expect(() => read(convolution(null, INT32))).toThrow(/not of 64 bits/);
  });
});
