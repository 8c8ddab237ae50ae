import { type Attribute, float, int, ints, string } from '@espalier/core';
import { describe, test } from 'vitest';
import { Builder, checkGradients, seededSamples } from './gradient-check.js';

type Attributes = Readonly<Record<string, Attribute>>;

describe('gradients are those of central differences', () => {
  test.each([
    { transB: 0, hasBias: true, relu: true },
    { transB: 1, hasBias: true, relu: false },
    { transB: 1, hasBias: false, relu: true },
  ])('Gemm, transB $transB, bias $hasBias, relu $relu', async ({ transB, hasBias, relu }) => {
    const b = new Builder();
    const layer = (x: Parameters<Builder['flat']>[0], n: number, k: number, name: string) =>
      b.apply({
        op: 'Gemm',
        attributes: { transB: int(transB) },
        inputs: [
          x,
          b.weight(transB === 1 ? [n, k] : [k, n], `${name}.w`),
          ...(hasBias ? [b.weight([n], `${name}.b`)] : []),
        ],
      });
    const first = layer(b.input(['N', 5]), 7, 5, 'first');
    const middle = relu ? b.apply({ op: 'Relu', inputs: [first] }) : first;
    const model = b.model(layer(middle, 3, 7, 'second'));
    await checkGradients(model, seededSamples(model, 6, 3));
  });

  test('MatMul of rank 3 and Add of a bias', async () => {
    const b = new Builder();
    const x = b.apply({ op: 'MatMul', inputs: [b.input(['N', 4, 5]), b.weight([5, 6], 'w')] });
    const y = b.apply({ op: 'Add', inputs: [b.weight([6], 'bias'), x] });
    const model = b.model(b.flat(b.apply({ op: 'Relu', inputs: [y] })));
    await checkGradients(model, seededSamples(model, 3, 24));
  });

  test.each<{ what: string; dims: readonly number[]; weights: readonly number[]; attributes: Attributes }>([
    { what: 'plain', dims: [2, 6, 5], weights: [3, 2, 3, 3], attributes: {} },
    { what: 'padded', dims: [2, 5, 4], weights: [3, 2, 3, 3], attributes: { pads: ints([1, 1, 1, 1]) } },
    {
      what: 'strided',
      dims: [3, 7, 6],
      weights: [2, 3, 3, 2],
      attributes: { strides: ints([2, 2]), pads: ints([1, 0, 0, 1]) },
    },
    { what: 'dilated', dims: [1, 7, 7], weights: [2, 1, 3, 3], attributes: { dilations: ints([2, 2]) } },
    { what: 'pointwise', dims: [5, 3, 3], weights: [4, 5, 1, 1], attributes: {} },
    {
      what: 'same, upper',
      dims: [2, 5, 5],
      weights: [3, 2, 2, 2],
      attributes: { auto_pad: string('SAME_UPPER') },
    },
    {
      what: 'grouped',
      dims: [4, 4, 4],
      weights: [6, 2, 3, 3],
      attributes: { group: int(2), pads: ints([1, 1, 1, 1]) },
    },
    { what: 'depthwise', dims: [5, 4, 4], weights: [5, 1, 3, 3], attributes: { group: int(5) } },
    {
      what: 'depthwise, strided, padded on two sides',
      dims: [9, 6, 5],
      weights: [9, 1, 3, 2],
      attributes: { group: int(9), strides: ints([2, 2]), pads: ints([1, 1, 0, 1]) },
    },
    {
      what: 'depthwise, dilated',
      dims: [4, 7, 6],
      weights: [4, 1, 2, 3],
      attributes: { group: int(4), dilations: ints([3, 2]), pads: ints([2, 2, 2, 2]) },
    },
    {
      what: 'depthwise, of one axis',
      dims: [6, 9],
      weights: [6, 1, 4],
      attributes: { group: int(6), strides: ints([2]), pads: ints([3, 0]) },
    },
    { what: 'of one axis', dims: [3, 8], weights: [4, 3, 3], attributes: { strides: ints([2]) } },
  ])('Conv, $what', async ({ dims, weights, attributes }) => {
    const b = new Builder();
    const bias = b.weight([weights[0] ?? 0], 'bias');
    const y = b.apply({
      op: 'Conv',
      attributes,
      inputs: [b.trainedImage(dims), b.weight(weights, 'w'), bias],
    });
    const model = b.model(b.flat(b.apply({ op: 'Relu', inputs: [y] })));
    await checkGradients(model, seededSamples(model, 9, 4));
  });

  test.each([
    { what: 'padded', dims: [8, 5, 4], outputs: 8, pads: [1, 1, 1, 1] },
    { what: 'padded on two sides, channels not in eights', dims: [9, 5, 4], outputs: 12, pads: [0, 1, 2, 2] },
  ])("Conv by Winograd's algorithm, $what", async ({ dims, outputs, pads }) => {
    const b = new Builder();
    const weights = b.weight([outputs, dims[0] ?? 0, 3, 3], 'w');
    const y = b.apply({
      op: 'Conv',
      attributes: { pads: ints(pads) },
      inputs: [b.trainedImage(dims), weights, b.weight([outputs], 'bias')],
    });
    const model = b.model(b.flat(b.apply({ op: 'Relu', inputs: [y] })));
    await checkGradients(model, seededSamples(model, 2, 4));
  });

  test.each<{ what: string; attributes: Attributes }>([
    { what: 'plain', attributes: { kernel_shape: ints([2, 2]), strides: ints([2, 2]) } },
    {
      what: 'overlapping, padded',
      attributes: { kernel_shape: ints([3, 3]), strides: ints([2, 2]), pads: ints([1, 1, 1, 1]) },
    },
    { what: 'ceiled', attributes: { kernel_shape: ints([2, 2]), strides: ints([2, 2]), ceil_mode: int(1) } },
  ])('MaxPool, $what', async ({ attributes }) => {
    const b = new Builder();
    const y = b.apply({ op: 'MaxPool', attributes, inputs: [b.trainedImage([5, 5, 7])] });
    const model = b.model(b.flat(y));
    await checkGradients(model, seededSamples(model, 2, 4));
  });

  test('Clip, and a value that is read twice', async () => {
    const b = new Builder();
    const image = b.trainedImage([3, 4, 4]);
    const bounds = [-0.25, 0.25].map((bound) => b.scalar(bound));
    const clipped = b.apply({ op: 'Clip', inputs: [image, ...bounds] });
    const y = b.apply({ op: 'Add', inputs: [b.apply({ op: 'Relu', inputs: [clipped] }), image] });
    const channels = b.apply({ op: 'Add', inputs: [y, b.weight([3, 1, 1], 'bias')] });
    const model = b.model(b.flat(channels));
    await checkGradients(model, seededSamples(model, 3, 4));
  });

  test('a weight that two layers share', async () => {
    const b = new Builder();
    const w = b.weight([5, 5], 'w');
    const first = b.apply({
      op: 'Relu',
      inputs: [b.apply({ op: 'MatMul', inputs: [b.input(['N', 5]), w] })],
    });
    const model = b.model(
      b.apply({ op: 'Gemm', attributes: { transB: int(1), alpha: float(1) }, inputs: [first, w] }),
    );
    await checkGradients(model, seededSamples(model, 4, 5));
  });
});
