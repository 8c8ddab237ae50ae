import { createRandom, Tensor, toBytes, toNumbers } from '@espalier/core';
import { InferenceSession } from '@espalier/runtime';
import { readTflite } from '@espalier/tflite';
import { beforeAll, describe, expect, test } from 'vitest';
import type { OptionsMember } from '../../tflite/src/schema/options.js';
import { INT8, makeTflite, type TensorSketch } from '../../tflite/test/make-tflite.js';
import { startLiteRt } from './litert.js';

// Files of before 2019 have uint8 codes, and weights with a zero point. LiteRT is the judge of what they mean.

const UINT8 = 3;
const INT32 = 2;

let liteRt: Awaited<ReturnType<typeof startLiteRt>>;
beforeAll(async () => {
  liteRt = await startLiteRt();
}, 60_000);

interface Layer {
  readonly op: string;
  readonly x: readonly number[];
  readonly y: readonly number[];
  readonly inputGrid?: readonly [scale: number, zero: number];
  readonly outputGrid: readonly [scale: number, zero: number];
  /** Between input and output. */
  readonly others?: readonly TensorSketch[];
  /** Numbers of its inputs; 0 is the one that is fed. Absent: in order. */
  readonly inputs?: readonly number[];
  readonly options?: OptionsMember;
}

const random = createRandom(5);
const input = [0.0213, 121] as const;

function codes(shape: readonly number[], scale: number, zero: number): TensorSketch {
  const count = shape.reduce((a, b) => a * b, 1);
  const data = Uint8Array.from({ length: count }, () => Math.floor(random.next() * 256));
  return { shape, type: UINT8, data, scale: [scale], zeroPoint: [zero] };
}

function integers(...values: readonly number[]): TensorSketch {
  return { shape: [values.length], type: INT32, data: toBytes(Int32Array.from(values)) };
}

/** At the scale of the products with weights of scale 0.0071. */
function bias(count: number): TensorSketch {
  const data = Int32Array.from({ length: count }, () => Math.floor((random.next() - 0.5) * 2000));
  return { ...integers(...data), scale: [Math.fround(Math.fround(0.0213) * Math.fround(0.0071))] };
}

const window = { padding: 0, strideW: 2, strideH: 2, filterW: 2, filterH: 2, activation: 0 };
const steps = { padding: 0, strideW: 1, strideH: 1, dilationW: 1, dilationH: 1 };
const pixels = [1, 12, 14, 6] as const;
const halved = { x: pixels, y: [1, 6, 7, 6], outputGrid: input };
const all = { x: [1, 256], y: [1, 256] };

const layers: readonly Layer[] = [
  {
    ...{ op: 'CONV_2D', x: [1, 7, 8, 3], y: [1, 7, 8, 5], outputGrid: [6 / 255, 0] },
    others: [codes([5, 3, 3, 3], 0.0071, 119), bias(5)],
    options: { name: 'Conv2D', table: { ...steps, activation: 3, quantizedBiasType: 0 } },
  },
  {
    ...{ op: 'DEPTHWISE_CONV_2D', x: [1, 7, 8, 6], y: [1, 7, 8, 6], outputGrid: [0.02, 131] },
    others: [codes([1, 3, 3, 6], 0.0071, 140), bias(6)],
    options: { name: 'DepthwiseConv2D', table: { ...steps, activation: 0, depthMultiplier: 1 } },
  },
  {
    ...{ op: 'FULLY_CONNECTED', x: [4, 16], y: [4, 10], outputGrid: [0.021, 131] },
    others: [codes([10, 16], 0.0071, 119), bias(10)],
    options: {
      name: 'FullyConnected',
      table: {
        activation: 0,
        weightsFormat: 0,
        keepNumDims: false,
        asymmetricQuantizeInputs: false,
        quantizedBiasType: 0,
      },
    },
  },
  {
    ...{ op: 'MUL', x: [1, 300], y: [1, 300], outputGrid: [0.031, 131] },
    others: [codes([1, 300], 0.0171, 119)],
    options: { name: 'Mul', table: { activation: 0 } },
  },
  { op: 'AVERAGE_POOL_2D', ...halved, options: { name: 'Pool2D', table: window } },
  { op: 'MAX_POOL_2D', ...halved, options: { name: 'Pool2D', table: window } },
  {
    ...{ op: 'MEAN', x: [1, 7, 7, 6], y: [1, 6], outputGrid: [0.0113, 111], others: [integers(1, 2)] },
    options: { name: 'Reducer', table: { keepDims: false } },
  },
  {
    ...{ op: 'PAD', x: [1, 3, 2], y: [1, 5, 5], outputGrid: input },
    others: [{ ...integers(0, 0, 1, 1, 1, 2), shape: [3, 2] }],
  },
  {
    ...{ op: 'CONCATENATION', x: [1, 64], y: [1, 128], outputGrid: input, inputs: [0, 0] },
    options: { name: 'Concatenation', table: { axis: 1, activation: 0 } },
  },
  { op: 'LOGISTIC', ...all, inputGrid: [0.0813, 121], outputGrid: [1 / 256, 0] },
  { op: 'TANH', ...all, inputGrid: [0.0313, 121], outputGrid: [1 / 128, 128] },
  { op: 'HARD_SWISH', ...all, inputGrid: [0.0313, 121], outputGrid: [0.021, 18] },
  { op: 'RELU', ...all, inputGrid: [0.0313, 121], outputGrid: [0.021, 18] },
];

/** A file of one layer; with int8 codes that mean the same, where it has no weights with a zero point. */
function fileOf(layer: Layer, type: typeof UINT8 | typeof INT8): Uint8Array {
  const { op, x, y, others = [], inputGrid = input, outputGrid, options } = layer;
  const onGrid = (shape: readonly number[], [scale, zero]: readonly [number, number], name: string) => ({
    ...{ name, shape, type: UINT8, scale: [scale], zeroPoint: [zero] },
  });
  const tensors = [onGrid(x, inputGrid, 'x'), ...others, onGrid(y, outputGrid, 'y')];
  const last = tensors.length - 1;
  const inputs = layer.inputs ?? tensors.slice(0, -1).map((_, index) => index);
  return makeTflite({
    tensors: type === UINT8 ? tensors : tensors.map(asInt8),
    operators: [{ name: op, inputs, outputs: [last], ...(options === undefined ? {} : { options }) }],
    ...{ inputs: [0], outputs: [last] },
  });
}

function asInt8(tensor: TensorSketch): TensorSketch {
  if (tensor.type !== UINT8) return tensor;
  const { data, zeroPoint = [] } = tensor;
  const moved = { ...tensor, type: INT8, zeroPoint: zeroPoint.map((zero) => zero - 128) };
  return data === undefined ? moved : { ...moved, data: data.map((code) => code ^ 0x80) };
}

/** Every code once where there are 256. */
function fed({ x }: Layer): Uint8Array {
  const count = x.reduce((a, b) => a * b, 1);
  return Uint8Array.from({ length: count }, (_, i) => (count === 256 ? i : Math.floor(random.next() * 256)));
}

async function ours(file: Uint8Array, tensor: Tensor): Promise<readonly number[]> {
  const session = await InferenceSession.create(readTflite(file));
  const { y } = await session.run({ x: tensor });
  await session.release();
  return Array.from(toNumbers(y as Tensor));
}

describe('uint8 files', () => {
  test.each(layers)('$op gives the bytes that it gives in LiteRT', async (layer) => {
    const file = fileOf(layer, UINT8);
    const tensor = new Tensor('uint8', fed(layer), layer.x);
    const loaded = await liteRt.load(file);
    const [expected = []] = await loaded.run([tensor], ['uint8']);
    loaded.release();
    expect(await ours(file, tensor)).toEqual(Array.from(expected, Number));
  });

  // In these LiteRT's kernels are not those of the reference, in int8 as in uint8: shared/conformance/tflite.
  const pair = { x: [1, 300], y: [1, 300], outputGrid: [0.031, 131] } as const;
  const departures: readonly Layer[] = [
    {
      ...{ op: 'ADD', ...pair, others: [codes([1, 300], 0.0171, 119)] },
      options: { name: 'Add', table: { activation: 0 } },
    },
    {
      ...{ op: 'SUB', ...pair, others: [codes([1, 300], 0.0171, 119)] },
      options: { name: 'Sub', table: { activation: 0 } },
    },
    {
      ...{ op: 'SOFTMAX', x: [6, 20], y: [6, 20], inputGrid: [0.0813, 121], outputGrid: [1 / 256, 0] },
      options: { name: 'Softmax', table: { beta: 1 } },
    },
    {
      ...{ op: 'LEAKY_RELU', ...all, inputGrid: [0.0313, 121], outputGrid: [0.021, 98] },
      options: { name: 'LeakyRelu', table: { alpha: 0.17 } },
    },
    { op: 'QUANTIZE', ...all, inputGrid: [0.0313, 121], outputGrid: [0.0273, 99] },
  ];

  test.each(departures)('$op gives the codes of int8, 128 higher', async (layer) => {
    const data = fed(layer);
    const narrow = new Tensor(
      'int8',
      Int8Array.from(data, (code) => code - 128),
      layer.x,
    );
    const expected = await ours(fileOf(layer, INT8), narrow);
    expect(await ours(fileOf(layer, UINT8), new Tensor('uint8', data, layer.x))).toEqual(
      expected.map((code) => code + 128),
    );
  });
});
