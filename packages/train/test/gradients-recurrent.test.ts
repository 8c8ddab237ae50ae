import { int, ints, type Model, string, Tensor, toFloat32, type Value } from '@espalier/core';
import { InferenceSession } from '@espalier/runtime';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { adam, meanSquaredError, samples, softmaxCrossEntropy, Trainer } from '../src/index.js';
import { Builder, checkGradients, seededSamples } from './gradient-check.js';

const layers = fc.record({
  op: fc.constantFrom<string>('LSTM', 'GRU'),
  sequence: fc.integer({ min: 1, max: 3 }),
  inputs: fc.integer({ min: 1, max: 3 }),
  hidden: fc.integer({ min: 1, max: 3 }),
  direction: fc.constantFrom('forward', 'reverse', 'bidirectional'),
  /** Of a GRU. */
  linear: fc.boolean(),
  biased: fc.boolean(),
  /** Whether the first states are computed. */
  begun: fc.boolean(),
  /** Which results are read, at least one of them. */
  read: fc.constantFrom<number[]>([0], [1], [0, 1], [2], [0, 1, 2]),
});
type Layer = typeof layers extends fc.Arbitrary<infer T> ? T : never;

/** A layer over [N, sequence, inputs] that is computed, and what is read of its results as [N, size]. */
function layerModel(layer: Layer): Model {
  const { op, sequence, inputs, hidden, direction, linear, biased, begun } = layer;
  const b = new Builder();
  const gates = op === 'LSTM' ? 4 : 3;
  const count = direction === 'bidirectional' ? 2 : 1;
  const turned = (value: Value, ...perm: number[]) =>
    b.apply({ op: 'Transpose', attributes: { perm: ints(perm) }, inputs: [value] });
  const first = (name: string) => turned(b.trainedImage([count, hidden], name), 1, 0, 2);
  const outputs = (op === 'LSTM' ? ['y', 'last', 'cell'] : ['y', 'last']).map((name) =>
    b.graph.addValue(name),
  );
  const read = layer.read.filter((index) => index < outputs.length);
  if (read.length === 0) read.push(1); // a GRU has no cell
  b.graph.addNode({
    op,
    attributes: {
      hidden_size: int(hidden),
      direction: string(direction),
      linear_before_reset: int(Number(linear)),
    },
    inputs: [
      turned(b.trainedImage([sequence, inputs]), 1, 0, 2),
      b.weight([count, gates * hidden, inputs], 'w', 1),
      b.weight([count, gates * hidden, hidden], 'r', 1),
      biased ? b.weight([count, 2 * gates * hidden], 'b', 1) : null,
      null,
      begun ? first('h') : null,
      begun && op === 'LSTM' ? first('c') : null,
    ],
    outputs: outputs.map((value, index) => (read.includes(index) ? value : null)),
  });
  const parts = read.map((index) => {
    const value = outputs[index];
    if (value === undefined) throw new Error('Only results that there are are read.');
    return b.flat(index === 0 ? turned(value, 2, 0, 1, 3) : turned(value, 1, 0, 2));
  });
  const joined = b.apply({ op: 'Concat', attributes: { axis: int(1) }, inputs: parts });
  const size = read.reduce((sum, index) => sum + (index === 0 ? sequence : 1) * count * hidden, 0);
  return b.model(b.classes(joined, [size]));
}

describe('gradients of recurrent layers are those of central differences', () => {
  test('of any size and direction, by all results, weights, biases and first states', async () => {
    await fc.assert(
      fc.asyncProperty(layers, async (layer) => {
        // From zeros, one step has no use for the recurrent weights.
        fc.pre(layer.begun || layer.sequence > 1);
        const model = layerModel(layer);
        await checkGradients(model, seededSamples(model, 3, 4), { terms: 0.1 });
      }),
      { numRuns: 10 },
    );
  });
});

describe('a recurrent layer in training', () => {
  const layer: Layer = {
    ...{ op: 'LSTM', sequence: 6, inputs: 5, hidden: 7, direction: 'bidirectional', linear: false },
    ...{ biased: true, begun: false, read: [0, 1] },
  };

  test.each(['LSTM', 'GRU'])('computes what a session computes, bit for bit (%s)', async (op) => {
    for (const linear of [false, true]) {
      const model = layerModel({ ...layer, op, linear });
      const width = 4;
      const data = seededSamples(model, 5, width);
      const [output] = Object.values(
        await (await InferenceSession.create(model)).run({
          x: new Tensor('float32', data.inputs['x']?.data as Float32Array, [5, 3]),
        }),
      );
      const own = output === undefined ? new Float32Array() : toFloat32(output).slice();
      const trainer = await Trainer.create(model, { loss: meanSquaredError(), optimizer: adam() });
      const targets = { data: own, dims: [width] };
      expect((await trainer.evaluate(samples({ inputs: data.inputs, targets }))).loss).toBe(0);
    }
  });

  test('gives the same weights with one thread and with two', async () => {
    const model = layerModel({ ...layer, hidden: 64, sequence: 4 });
    const data = seededSamples(model, 96, 4);
    const weightsOf = async (threads: number) => {
      const trainer = await Trainer.create(model, {
        loss: softmaxCrossEntropy(),
        optimizer: adam(),
        batchSize: 48,
        threads,
      });
      await trainer.fit(data, { epochs: 2 });
      const weights = trainer.weightNames.map((name) => trainer.weight(name));
      trainer.release();
      return weights;
    };
    expect(await weightsOf(2)).toEqual(await weightsOf(1));
  });

  test('starts where a constant of one sample says, which is not trained', async () => {
    const b = new Builder();
    const x = b.apply({
      op: 'Transpose',
      attributes: { perm: ints([1, 0, 2]) },
      inputs: [b.input(['N', 4, 3])],
    });
    const first = b.graph.constant(new Tensor('float32', Float32Array.of(0.5, -0.5), [1, 1, 2]), 'first');
    const last = b.graph.addValue('last');
    const weights = [b.weight([1, 6, 3], 'w'), b.weight([1, 6, 2], 'r')];
    const inputs = [x, ...weights, null, null, first];
    b.graph.addNode({ op: 'GRU', attributes: { hidden_size: int(2) }, inputs, outputs: [null, last] });
    const model = b.model(
      b.flat(b.apply({ op: 'Transpose', attributes: { perm: ints([1, 0, 2]) }, inputs: [last] })),
    );
    const trainer = await Trainer.create(model, { loss: softmaxCrossEntropy(), optimizer: adam() });
    expect(trainer.weightNames).toEqual(['w', 'r']);
    const data = seededSamples(model, 10, 2);
    const before = (await trainer.evaluate(data)).loss;
    await trainer.fit(data, { epochs: 30 });
    expect((await trainer.evaluate(data)).loss).toBeLessThan(before);
  });

  test.each([
    { what: 'peepholes', message: /LSTM can't be trained through: it has peepholes/ },
    { what: 'activations', message: /LSTM can't be trained through: it has other activations/ },
  ])('is refused with $what', async ({ what, message }) => {
    const b = new Builder();
    const x = b.input([4, 'N', 3]);
    const weights = [b.weight([1, 8, 3], 'w'), b.weight([1, 8, 2], 'r')];
    const inputs = [
      x,
      ...weights,
      ...(what === 'peepholes' ? [null, null, null, null, b.weight([1, 6])] : []),
    ];
    const attributes =
      what === 'activations'
        ? { activations: { type: 'strings', value: ['Relu', 'Tanh', 'Tanh'] } as const }
        : {};
    const model = b.model(b.apply({ op: 'LSTM', attributes, inputs }));
    await expect(Trainer.create(model, { loss: softmaxCrossEntropy(), optimizer: adam() })).rejects.toThrow(
      message,
    );
  });
});
