import { type Attribute, float, int, ints, type Model, Tensor, type Value } from '@espalier/core';
import { describe, expect, test } from 'vitest';
import { meanSquaredError, samples, sgd, softmaxCrossEntropy, Trainer } from '../src/index.js';
import type { TwinLoss } from './float64-twin.js';
import { Builder, checkGradients, seededSamples } from './gradient-check.js';

type Attributes = Readonly<Record<string, Attribute>>;

describe('gradients are those of central differences', () => {
  test.each<{ what: string; attributes: Attributes }>([
    { what: 'plain', attributes: { strides: ints([2, 2]) } },
    { what: 'padded', attributes: { pads: ints([1, 1, 1, 1]) } },
    { what: 'padding counted', attributes: { pads: ints([1, 0, 1, 1]), count_include_pad: int(1) } },
  ])('AveragePool, $what', async ({ attributes }) => {
    const b = new Builder();
    const inputs = [b.trainedImage([5, 5, 6])];
    const y = b.apply({
      op: 'AveragePool',
      attributes: { kernel_shape: ints([3, 2]), ...attributes },
      inputs,
    });
    const model = b.model(b.flat(y));
    await checkGradients(model, seededSamples(model, 2, 4));
  });

  test('GlobalAveragePool', async () => {
    const b = new Builder();
    const model = b.model(b.flat(b.apply({ op: 'GlobalAveragePool', inputs: [b.trainedImage([6, 3, 5])] })));
    await checkGradients(model, seededSamples(model, 3, 6));
  });

  test.each<{ op: string; attributes?: Attributes; positive?: boolean }>([
    { op: 'Sigmoid' },
    { op: 'Tanh' },
    { op: 'HardSigmoid', attributes: { alpha: float(0.75) } },
    { op: 'HardSwish' },
    { op: 'LeakyRelu', attributes: { alpha: float(0.25) } },
    { op: 'Exp' },
    { op: 'Neg' },
    { op: 'Log', positive: true },
    { op: 'Sqrt', positive: true },
  ])('$op', async ({ op, attributes = {}, positive = false }) => {
    const b = new Builder();
    const image = b.trainedImage([3, 3, 4]);
    const x = positive ? b.apply({ op: 'Exp', inputs: [image] }) : image;
    const model = b.model(b.flat(b.apply({ op, attributes, inputs: [x] })));
    await checkGradients(model, seededSamples(model, 3, 5));
  });

  test('BatchNormalization by the statistics of the batch', async () => {
    const model = normalized((b, x, scale, bias) =>
      b.apply({
        op: 'BatchNormalization',
        inputs: [x, scale, bias, vector(b, 'mean', 0), vector(b, 'variance', 1)],
      }),
    );
    // The twin says what ONNX says of training_mode.
    const twin = normalized((b, x, scale, bias) => {
      const axes = b.ints(0, 2, 3);
      const keep = { keepdims: int(1) };
      const centered = b.apply({
        op: 'Sub',
        inputs: [x, b.apply({ op: 'ReduceMean', attributes: keep, inputs: [x, axes] })],
      });
      const squares = b.apply({ op: 'Mul', inputs: [centered, centered] });
      const variance = b.apply({ op: 'ReduceMean', attributes: keep, inputs: [squares, axes] });
      const root = b.apply({
        op: 'Sqrt',
        inputs: [b.apply({ op: 'Add', inputs: [variance, b.scalar(1e-5)] })],
      });
      const shaped = (v: Value) => b.apply({ op: 'Reshape', inputs: [v, b.ints(1, 4, 1, 1)] });
      const unit = b.apply({ op: 'Div', inputs: [centered, root] });
      const scaled = b.apply({ op: 'Mul', inputs: [unit, shaped(scale)] });
      return b.apply({ op: 'Add', inputs: [scaled, shaped(bias)] });
    });
    await checkGradients(model, seededSamples(model, 6, 4), { twin });
  });

  test('the mean squared error', async () => {
    const b = new Builder();
    const model = b.model(b.apply({ op: 'MatMul', inputs: [b.input(['N', 5]), b.weight([5, 3], 'w')] }));
    const { inputs } = seededSamples(model, 7, 3);
    const targets = { data: b.tensor([7, 3]).data as Float32Array, dims: [3] };
    const loss: TwinLoss = (outputs, _, { count }) =>
      outputs.reduce((sum, y, i) => sum + (y - (targets.data[i] ?? 0)) ** 2, 0) / (count * 3);
    await checkGradients(model, samples({ inputs, targets }), { loss: meanSquaredError(), twinLoss: loss });
  });
});

/** A trained image, a norm of four channels, and a sum of squares behind it. */
function normalized(norm: (b: Builder, x: Value, scale: Value, bias: Value) => Value): Model {
  const b = new Builder();
  const image = b.trainedImage([4, 3, 3]);
  const y = norm(b, image, b.weight([4], 'scale'), b.weight([4], 'bias'));
  const weights = b.weight([36, 4], 'last');
  return b.model(
    b.apply({ op: 'MatMul', inputs: [b.flat(b.apply({ op: 'Sigmoid', inputs: [y] })), weights] }),
  );
}

/** Not drawn: the twin has the same random weights only where as many are drawn before them. */
function vector(b: Builder, name: string, value: number): Value {
  return b.graph.constant(new Tensor('float32', new Float32Array(4).fill(value), [4]), name);
}

describe('running statistics', () => {
  test('follow those of the batches, are used when evaluated, and are written back', async () => {
    const b = new Builder();
    const x = b.input(['N', 2, 2, 2]);
    const variance = b.graph.constant(new Tensor('float32', new Float32Array(2).fill(1), [2]), 'variance');
    const mean = b.graph.constant(new Tensor('float32', new Float32Array(2), [2]), 'mean');
    const inputs = [x, b.weight([2], 'scale'), b.weight([2], 'bias'), mean, variance];
    const norm = b.apply({ op: 'BatchNormalization', attributes: { momentum: float(0.75) }, inputs });
    const model = b.model(b.flat(norm));
    const data = seededSamples(model, 5, 8);
    const trainer = await Trainer.create(model, {
      loss: softmaxCrossEntropy(),
      optimizer: sgd({ learningRate: 1e-30 }),
    });
    expect(trainer.weightNames).toEqual(['scale', 'bias']);
    await trainer.fit(data, { epochs: 1 });
    trainer.writeBack();
    const values = data.inputs['x']?.data ?? [];
    for (const channel of [0, 1]) {
      const own = Array.from(values).filter((_, i) => Math.floor(i / 4) % 2 === channel);
      const average = own.reduce((a, v) => a + v, 0) / own.length;
      const spread = own.reduce((a, v) => a + (v - average) ** 2, 0) / own.length;
      const read = (name: string) => Number(model.graph.value(name)?.constant?.decode().data[channel]);
      expect(read('mean')).toBeCloseTo(0.25 * average, 5);
      expect(read('variance')).toBeCloseTo(0.75 + 0.25 * spread, 5);
    }
  });
});
