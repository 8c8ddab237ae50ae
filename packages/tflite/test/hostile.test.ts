import { existsSync, readFileSync } from 'node:fs';
import { EspalierError, FormatError, ModelError, UnsupportedError, verify } from '@espalier/core';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readTflite } from '../src/read-tflite.js';
import { bytesOf, INT8, INT32, type ModelSketch, makeTflite, type TensorSketch } from './make-tflite.js';

/** A convolution of 2 channels to 3 by 1 x 1 windows, in int8 with a scale for each channel. */
const conv: ModelSketch = {
  tensors: [
    { name: 'x', shape: [1, 4, 4, 2], type: INT8, scale: [0.5], zeroPoint: [3] },
    {
      name: 'w',
      shape: [3, 1, 1, 2],
      type: INT8,
      scale: [0.1, 0.2, 0.3],
      data: bytesOf(Int8Array.of(1, 2, 3, 4, 5, 6)),
    },
    { name: 'b', shape: [3], type: INT32, scale: [0.05, 0.1, 0.15], data: bytesOf(Int32Array.of(1, 2, 3)) },
    { name: 'y', shape: [1, 4, 4, 3], type: INT8, scale: [0.7], zeroPoint: [-5] },
  ],
  operators: [
    {
      name: 'CONV_2D',
      inputs: [0, 1, 2],
      outputs: [3],
      options: {
        name: 'Conv2D',
        table: {
          padding: 1,
          strideW: 1,
          strideH: 1,
          activation: 0,
          dilationW: 1,
          dilationH: 1,
          quantizedBiasType: 0,
        },
      },
    },
  ],
  inputs: [0],
  outputs: [3],
};

function withTensor(index: number, change: Partial<TensorSketch>): ModelSketch {
  return {
    ...conv,
    tensors: conv.tensors.map((tensor, i) => (i === index ? { ...tensor, ...change } : tensor)),
  };
}

function withOperator(change: Partial<ModelSketch['operators'][number]>): ModelSketch {
  return { ...conv, operators: conv.operators.map((operator) => ({ ...operator, ...change })) };
}

test('the file that the others are made of is read', () => {
  verify(readTflite(makeTflite(conv)));
});

type Kind = new (...report: never[]) => EspalierError;

test.each<[string, ModelSketch, Kind, RegExp]>([
  ['a scale of 0', withTensor(0, { scale: [0] }), FormatError, /A scale is 0[\s\S]*tensor 0 "x"/],
  [
    'a negative scale',
    withTensor(1, { scale: [0.1, -0.2, 0.3] }),
    FormatError,
    /A scale is -0\.2.*[\s\S]*tensor 1 "w"/,
  ],
  [
    'a scale that is NaN',
    withTensor(3, { scale: [Number.NaN] }),
    FormatError,
    /A scale is NaN[\s\S]*tensor 3/,
  ],
  ['an infinite scale', withTensor(3, { scale: [Infinity] }), FormatError, /A scale is Infinity/],
  [
    'too few scales',
    withTensor(1, { scale: [0.1, 0.2] }),
    FormatError,
    /2 scales along dimension 0[\s\S]*tensor 1/,
  ],
  ['scales along no dimension', withTensor(1, { axis: 7 }), FormatError, /3 scales along dimension 7/],
  ['too few zero points', withTensor(1, { zeroPoint: [0, 0] }), FormatError, /3 scales and 2 zero points/],
  [
    'a zero point out of range',
    withTensor(0, { zeroPoint: [128] }),
    FormatError,
    /A zero point is 128, outside int8/,
  ],
  [
    'zero points of channels',
    withTensor(1, { zeroPoint: [0, 1, 0] }),
    UnsupportedError,
    /zero point of a single channel is not 0[\s\S]*tensor 1/,
  ],
  [
    'a zero point of the weights',
    withTensor(1, { scale: [0.1], zeroPoint: [4] }),
    UnsupportedError,
    /its weights tensor 1 "w" have a zero point that is not 0[\s\S]*operator 0 \(CONV_2D\)/,
  ],
  [
    'scales whose product is none',
    withTensor(1, { scale: [1e-45, 0.2, 0.3] }),
    FormatError,
    /give products of scale 0/,
  ],
  [
    'weights without a scale',
    withTensor(1, { scale: [] }),
    UnsupportedError,
    /weights tensor 1 "w" have none/,
  ],
  [
    'scales of the channels of an activation',
    withTensor(3, { scale: [1, 2, 3], zeroPoint: [0, 0, 0], axis: 3 }),
    UnsupportedError,
    /its result tensor 3 "y" has scales of single channels[\s\S]*operator 0/,
  ],
  [
    'a buffer that is too short',
    withTensor(1, { data: new Uint8Array(5) }),
    FormatError,
    /takes 6 bytes; its buffer has 5/,
  ],
  [
    'a buffer that is too long',
    withTensor(1, { data: new Uint8Array(7) }),
    FormatError,
    /takes 6 bytes; its buffer has 7/,
  ],
  ['a buffer that is not there', withTensor(1, { buffer: 99 }), FormatError, /buffer 99; the file has 3/],
  ['a negative dim', withTensor(0, { shape: [1, -4, 4, 2] }), FormatError, /has the shape \[1, -4, 4, 2\]/],
  [
    'dims whose product is no number',
    withTensor(0, { shape: [2 ** 30, 2 ** 30, 4, 2] }),
    FormatError,
    /has the shape/,
  ],
  [
    'a shape that contradicts',
    withTensor(3, { shape: [1, 3, 4, 3] }),
    ModelError,
    /declared as int8 \[1, 3, 4, 3\]/,
  ],
  [
    'channels that do not fit',
    withTensor(0, { shape: [1, 4, 4, 3] }),
    FormatError,
    /weights take 2 channels, the image has 3/,
  ],
  ['an image of 3 dimensions', withTensor(0, { shape: [4, 4, 2] }), FormatError, /tensor 0 "x" has 3/],
  [
    'a type that is not supported',
    withTensor(0, { type: 8 }),
    UnsupportedError,
    /type COMPLEX64[\s\S]*tensor 0/,
  ],
  ['a type that does not exist', withTensor(0, { type: 77 }), UnsupportedError, /type number 77/],
  ['a variable', withTensor(1, { isVariable: true }), UnsupportedError, /Variables[\s\S]*tensor 1/],
  ['another version', { ...conv, version: 2 }, UnsupportedError, /version 2 of its schema/],
  ['several graphs', { ...conv, graphs: 2 }, UnsupportedError, /2 graphs/],
  ['no graph', { ...conv, graphs: 0 }, FormatError, /has no graph/],
  [
    'a tensor that is not there',
    withOperator({ inputs: [0, 1, 9] }),
    FormatError,
    /There is no tensor 9; the file has 4[\s\S]*operator 0/,
  ],
  ['an output that is not there', { ...conv, outputs: [44] }, FormatError, /There is no tensor 44/],
  [
    'an input that is left out',
    withOperator({ inputs: [-1, 1, 2] }),
    FormatError,
    /It has no input 0[\s\S]*operator 0/,
  ],
  ['an operator without output', withOperator({ outputs: [] }), FormatError, /It has no output 0/],
  [
    'a tensor that nothing computes',
    { ...conv, inputs: [] },
    ModelError,
    /before anything computes it[\s\S]*tensor 0 "x"/,
  ],
  [
    'options of another operator',
    withOperator({ options: { name: 'Softmax', table: { beta: 1 } } }),
    FormatError,
    /not Conv2DOptions/,
  ],
  [
    'no options',
    withOperator({ options: undefined as never }),
    FormatError,
    /stride, dilation or window of 0 x 0/,
  ],
])('%s is refused, with the place', (_, sketch, kind, message) => {
  const bytes = makeTflite(sketch);
  expect(() => readTflite(bytes)).toThrow(kind);
  expect(() => readTflite(bytes, { name: 'a.tflite' })).toThrow(/a\.tflite/);
  expect(() => readTflite(bytes)).toThrow(message);
});

test('all operators that are not supported are named at once', () => {
  const sketch: ModelSketch = {
    tensors: [{ shape: [2] }, { shape: [2] }, { shape: [2] }, { shape: [2] }, { shape: [2] }],
    operators: [
      { name: 'SVDF', inputs: [0], outputs: [1] },
      { name: 'RELU', inputs: [1], outputs: [2] },
      { name: 'SVDF', inputs: [2], outputs: [3] },
      { name: 'MyOperator', inputs: [3], outputs: [4] },
    ],
    inputs: [0],
    outputs: [4],
  };
  expect(() => readTflite(makeTflite(sketch))).toThrow(
    'The model has operators that are not supported: SVDF (0, 2), custom operator "MyOperator" (3).',
  );
});

test('all forms that are not supported are named at once', () => {
  const relu = { name: 'ADD', inputs: [0, 0], outputs: [1] };
  const activation = (number: number): { name: 'Add'; table: { activation: number } } => ({
    name: 'Add',
    table: { activation: number },
  });
  const sketch: ModelSketch = {
    tensors: [{ shape: [2] }, { shape: [2] }, { shape: [2] }],
    operators: [
      { ...relu, options: activation(4) },
      { ...relu, inputs: [1, 1], outputs: [2], options: activation(5) },
    ],
    inputs: [0],
    outputs: [2],
  };
  expect(() => readTflite(makeTflite(sketch))).toThrow(
    /operator 0 \(ADD\): .*activation 4 .*\n.*operator 1 \(ADD\): .*activation 5/,
  );
});

test('a file of another kind, and an empty one', () => {
  expect(() => readTflite(new Uint8Array())).toThrow(FormatError);
  expect(() => readTflite(new TextEncoder().encode('just some text here'))).toThrow(/no \.tflite file/);
});

test.each([
  ['of the root table', (): number => 0, 0xffff_fff0],
  ['of the root table, to the last byte', (): number => 0, 'end'],
  ['of the fields of the root table', (view: DataView): number => view.getUint32(0, true), 0x7fff_ffff],
  [
    'of the fields of the root table, before the file',
    (view: DataView): number => view.getUint32(0, true),
    -1,
  ],
] as const)('an offset %s that leads out of the file is refused, with its byte', (_, place, value) => {
  const bytes = makeTflite(conv).slice();
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  // An offset of fields counts backwards.
  view.setInt32(place(view), value === 'end' ? bytes.length - 1 : value === -1 ? bytes.length : value, true);
  expect(() => readTflite(bytes, { name: 'a.tflite' })).toThrow(FormatError);
  expect(() => readTflite(bytes, { name: 'a.tflite' })).toThrow(/byte \d+/);
});

test('tables that are shared a thousand times over are no way to make a small file large', () => {
  // One vector of offsets, all of which lead to one table with a vector of its own.
  const bytes = makeTflite(conv).slice();
  const view = new DataView(bytes.buffer);
  const big = new Uint8Array(bytes.length + 4 * 60_000);
  big.set(bytes);
  const grown = new DataView(big.buffer);
  // The list of operator codes grows over what was added; every entry leads to the model itself.
  const root = view.getUint32(0, true);
  const vtable = root - view.getInt32(root, true);
  const field = root + view.getUint16(vtable + 4 + 2 * 2, true);
  const list = bytes.length;
  grown.setUint32(field, list - field, true);
  grown.setUint32(list, 59_999, true);
  const graph = field + view.getUint32(field, true);
  const first = graph + 4 + view.getUint32(graph + 4, true);
  for (let index = 0; index < 59_999; index++) {
    const at = list + 4 + 4 * index;
    // Offsets lead forward only where they are unsigned; 2^32 less is behind.
    grown.setUint32(at, (first - at) >>> 0, true);
  }
  expect(() => readTflite(big)).toThrow(FormatError);
});

const shared = new URL('../../../../shared/', import.meta.url);
const files = ['models/mlperf-tiny/kws_ref_model.tflite', 'models/tflite-micro/hello_world_float.tflite'];
const real = files
  .map((file) => new URL(file, shared))
  .filter((url) => existsSync(url))
  .map((url) => new Uint8Array(readFileSync(url)));

/** Reads the bytes, or fails as it should. */
function readOrRefuse(bytes: Uint8Array): void {
  try {
    verify(readTflite(bytes));
  } catch (error) {
    expect(error).toBeInstanceOf(EspalierError);
    expect((error as EspalierError).code).not.toBe('INTERNAL');
  }
}

describe('damaged files are read or throw an EspalierError', () => {
  const good = [makeTflite(conv), ...real];

  test('flipped bytes', { timeout: 180_000 }, () => {
    fc.assert(
      fc.property(
        fc.nat(good.length - 1),
        fc.array(fc.tuple(fc.nat(), fc.integer({ min: 1, max: 255 })), { minLength: 1, maxLength: 4 }),
        (which, flips) => {
          const bytes = (good[which] as Uint8Array).slice();
          for (const [at, flip] of flips) bytes[at % bytes.length] = (bytes[at % bytes.length] ?? 0) ^ flip;
          readOrRefuse(bytes);
        },
      ),
      { numRuns: 400 },
    );
  });

  test('flipped bytes where tables are, not weights', { timeout: 180_000 }, () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 0, max: 255 }), (at, value) => {
        const bytes = (good[0] as Uint8Array).slice();
        bytes[at % bytes.length] = value;
        readOrRefuse(bytes);
      }),
      { numRuns: 1500 },
    );
  });

  test('cut files', () => {
    for (let length = 0; length < (good[0]?.length ?? 0); length += 3)
      readOrRefuse((good[0] as Uint8Array).slice(0, length));
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.nat(), (which, cut) => {
        const bytes = good[which] as Uint8Array;
        readOrRefuse(bytes.slice(0, cut % bytes.length));
      }),
      { numRuns: 100 },
    );
  });
});
