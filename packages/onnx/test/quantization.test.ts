import {
  AffineEncoding,
  affine,
  cast,
  dense,
  Graph,
  int,
  ints,
  Model,
  quantization,
  Tensor,
  tensorOf,
  toFloat16Bits,
  type Value,
} from '@espalier/core';
import { describe, expect, test } from 'vitest';
import { readOnnx } from '../src/read-onnx.js';
import { writeOnnx } from '../src/write-onnx.js';
import { type ModelText, makeOnnx, randomTensor } from './make-onnx.js';
import { runInOnnxRuntime } from './onnx-runtime.js';

const scalar = (value: number): Tensor => tensorOf('float32', [value], []);
const zero = (type: 'int8' | 'uint8', value: number): Tensor => tensorOf(type, [value], []);

/** Conv as quantizers of ONNX Runtime write it: int8 weights per channel, uint8 activations, int32 bias. */
const quantizedConv: ModelText = {
  opset: 13,
  inputs: { x: [1, 2, 5, 5] },
  outputs: ['y'],
  constants: {
    xs: scalar(0.02),
    xz: zero('uint8', 128),
    ys: scalar(0.05),
    yz: zero('uint8', 100),
    wq: tensorOf(
      'int8',
      Array.from({ length: 54 }, (_, i) => ((i * 37) % 255) - 127),
      [3, 2, 3, 3],
    ),
    ws: tensorOf('float32', [0.01, 0.02, 0.005]),
    wz: tensorOf('int8', [0, 0, 0]),
    bq: tensorOf('int32', [100, -200, 300]),
    bs: tensorOf('float32', [0.0002, 0.0004, 0.0001]),
  },
  nodes: [
    { op: 'QuantizeLinear', inputs: ['x', 'xs', 'xz'], outputs: ['xq'] },
    { op: 'DequantizeLinear', inputs: ['xq', 'xs', 'xz'], outputs: ['xd'] },
    { op: 'DequantizeLinear', inputs: ['wq', 'ws', 'wz'], outputs: ['wd'], attributes: { axis: int(0) } },
    { op: 'DequantizeLinear', inputs: ['bq', 'bs'], outputs: ['bd'], attributes: { axis: int(0) } },
    {
      op: 'Conv',
      name: 'conv',
      inputs: ['xd', 'wd', 'bd'],
      outputs: ['c'],
      attributes: { pads: ints([1, 1, 1, 1]) },
    },
    { op: 'QuantizeLinear', inputs: ['c', 'ys', 'yz'], outputs: ['cq'] },
    { op: 'DequantizeLinear', inputs: ['cq', 'ys', 'yz'], outputs: ['y'] },
  ],
};

function value(model: Model, name: string): Value {
  const found = model.graph.value(name);
  if (found === undefined) throw new Error(`no value ${name}`);
  return found;
}

describe('pairs of QuantizeLinear and DequantizeLinear', () => {
  test('around a Conv become quantizations, and its weights affine encodings', async () => {
    const model = await readOnnx(makeOnnx(quantizedConv));
    expect(model.graph.nodes.map((node) => node.op)).toEqual(['Conv']);
    expect(value(model, 'x').type?.quantization).toMatchObject({
      axis: null,
      storageType: 'uint8',
      scale: Float32Array.of(0.02),
      zeroPoint: Int32Array.of(128),
    });
    expect(value(model, 'y').type?.quantization).toMatchObject({ zeroPoint: Int32Array.of(100) });
    expect(model.graph.outputs.map((output) => output.name)).toEqual(['y']);
    const weight = value(model, 'wd').constant;
    expect(weight).toBeInstanceOf(AffineEncoding);
    expect(weight?.children['codes']?.decode().data).toEqual(quantizedConv.constants?.['wq']?.data);
    expect((value(model, 'bd').constant as AffineEncoding).quantization).toMatchObject({
      storageType: 'int32',
      axis: 0,
    });
  });

  test('written again, they compute in ONNX Runtime what the original does, bit for bit', async () => {
    const original = makeOnnx(quantizedConv);
    const x = randomTensor([1, 2, 5, 5], 3);
    const rewritten = writeOnnx(await readOnnx(original));
    expect((await runInOnnxRuntime(rewritten, { x }))['y']?.data).toEqual(
      (await runInOnnxRuntime(original, { x }))['y']?.data,
    );
    const again = await readOnnx(rewritten);
    expect(again.graph.nodes.map((node) => node.op)).toEqual(['Conv']);
  });

  const pair = (changes: Partial<ModelText> = {}): ModelText => ({
    opset: 13,
    inputs: { x: [2, 3] },
    outputs: ['y'],
    constants: { s: scalar(0.1), z: zero('int8', 3), s2: scalar(0.2) },
    nodes: [
      { op: 'Relu', inputs: ['x'], outputs: ['r'] },
      { op: 'QuantizeLinear', inputs: ['r', 's', 'z'], outputs: ['q'] },
      { op: 'DequantizeLinear', inputs: ['q', 's', 'z'], outputs: ['y'] },
    ],
    ...changes,
  });
  const ops = async (text: ModelText): Promise<string[]> =>
    (await readOnnx(makeOnnx(text))).graph.nodes.map((node) => node.op);

  test('with different parameters stay operators', async () => {
    const nodes = pair().nodes.with(2, { op: 'DequantizeLinear', inputs: ['q', 's2', 'z'], outputs: ['y'] });
    expect(await ops(pair({ nodes }))).toEqual(['Relu', 'QuantizeLinear', 'DequantizeLinear']);
  });

  test('with scales that are fed stay operators', async () => {
    const { s: _, ...constants } = pair().constants ?? {};
    expect(await ops(pair({ inputs: { x: [2, 3], s: [] }, constants }))).toContain('QuantizeLinear');
  });

  test('leave the value alone where others read it unquantized', async () => {
    const nodes = [...pair().nodes, { op: 'Neg', inputs: ['r'], outputs: ['n'] }];
    const model = await readOnnx(makeOnnx(pair({ nodes, outputs: ['y', 'n'] })));
    expect(model.graph.nodes.map((node) => node.op).sort()).toEqual(['Identity', 'Neg', 'Relu']);
    expect(value(model, 'r').type?.quantization).toBeUndefined();
    expect(value(model, 'y').type?.quantization).toBeDefined();
  });

  test('for each reader of its own, with equal parameters, make one quantized value', async () => {
    const nodes = [
      ...pair().nodes,
      { op: 'QuantizeLinear', inputs: ['r', 's', 'z'], outputs: ['q2'] },
      { op: 'DequantizeLinear', inputs: ['q2', 's', 'z'], outputs: ['d2'] },
      { op: 'Neg', inputs: ['d2'], outputs: ['n'] },
    ];
    expect((await ops(pair({ nodes, outputs: ['y', 'n'] }))).sort()).toEqual(['Neg', 'Relu']);
  });

  test('straight from an input to an output keep both names', async () => {
    const nodes = [
      { op: 'QuantizeLinear', inputs: ['x', 's', 'z'], outputs: ['q'] },
      { op: 'DequantizeLinear', inputs: ['q', 's', 'z'], outputs: ['y'] },
    ];
    const text = pair({ nodes });
    const model = await readOnnx(makeOnnx(text));
    expect([model.graph.inputs[0]?.name, model.graph.outputs[0]?.name]).toEqual(['x', 'y']);
    const x = randomTensor([2, 3]);
    expect(await runInOnnxRuntime(writeOnnx(model), { x })).toEqual(
      await runInOnnxRuntime(makeOnnx(text), { x }),
    );
  });

  test('around float weights make their codes, rounded half to even and limited', async () => {
    const constants = {
      ...pair().constants,
      w: tensorOf('float32', [0.25, 0.35, -100, 100, -0.05, 0], [2, 3]),
      s: scalar(0.5),
      z: zero('int8', 1),
    };
    const nodes = [
      { op: 'QuantizeLinear', inputs: ['w', 's', 'z'], outputs: ['q'] },
      { op: 'DequantizeLinear', inputs: ['q', 's', 'z'], outputs: ['d'] },
      { op: 'Add', inputs: ['x', 'd'], outputs: ['y'] },
    ];
    const model = await readOnnx(makeOnnx(pair({ constants, nodes })));
    // 0.25 / 0.5 lies between 0 and 1: the even one is 0, plus the zero point 1.
    expect(value(model, 'd').constant?.children['codes']?.decode().data).toEqual(
      Int8Array.of(1, 2, -128, 127, 1, 1),
    );
  });

  test('keep weight zero points that are not 0', async () => {
    const constants = {
      ...pair().constants,
      w: tensorOf('uint8', [0, 128, 255], [3]),
      z8: zero('uint8', 128),
    };
    const nodes = [
      { op: 'DequantizeLinear', inputs: ['w', 's', 'z8'], outputs: ['d'] },
      { op: 'Add', inputs: ['x', 'd'], outputs: ['y'] },
    ];
    const model = await readOnnx(makeOnnx(pair({ constants, nodes })));
    expect((value(model, 'd').constant as AffineEncoding).quantization.zeroPoint).toEqual(Int32Array.of(128));
    const x = randomTensor([2, 3]);
    const text = pair({ constants, nodes });
    expect(await runInOnnxRuntime(writeOnnx(model), { x })).toEqual(
      await runInOnnxRuntime(makeOnnx(text), { x }),
    );
  });
});

describe('encodings that ONNX has no word for', () => {
  test.each([
    {
      kind: 'float16',
      encoding: cast(dense(new Tensor('float16', toFloat16Bits(Float32Array.of(1.5, -2, 0.25))))),
    },
    {
      kind: 'int16 codes',
      encoding: affine(
        dense(tensorOf('int16', [300, -300, 7])),
        quantization({ scale: 0.125, storageType: 'int16' }),
      ),
    },
    {
      kind: 'int32 codes with a zero point',
      encoding: affine(
        dense(tensorOf('int32', [3, -3, 7])),
        quantization({ scale: 0.5, zeroPoint: 3, storageType: 'int32' }),
      ),
    },
  ])('$kind decode in ONNX Runtime to what they decode to here', async ({ encoding }) => {
    const graph = new Graph('g');
    const x = graph.addInput('x', { dtype: 'float32', dims: [3] });
    const y = graph.apply({ op: 'Add', inputs: [x, graph.constant(encoding, 'w')] }, 'y', {
      dtype: 'float32',
      dims: [3],
    });
    graph.addOutput(y);
    const outputs = await runInOnnxRuntime(writeOnnx(new Model(graph)), {
      x: tensorOf('float32', [0, 0, 0]),
    });
    expect(outputs['y']?.data).toEqual(encoding.decode().data);
  });
});
