import { DataError, FormatError, InternalError, type Model, OptionsError } from '@espalier/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  adam,
  cosine,
  distillation,
  meanSquaredError,
  randomFlip,
  randomShift,
  samples,
  sgd,
  softmaxCrossEntropy,
  Trainer,
  type TrainerOptions,
  warmup,
} from '../src/index.js';
import { expOfNegative } from '../src/loss/distillation.js';
import { power } from '../src/optimizer/adam.js';
import { cosineOfPi } from '../src/optimizer/schedule.js';
import { Builder, seededSamples } from './gradient-check.js';

/** Input 6, hidden 12, classes 4; dropout behind the hidden layer. */
function small(): Model {
  const b = new Builder();
  const hidden = b.apply({ op: 'MatMul', inputs: [b.input(['N', 6]), b.weight([6, 12], 'w1')] });
  const relu = b.apply({ op: 'Relu', name: 'relu', inputs: [hidden] });
  return b.model(b.apply({ op: 'MatMul', inputs: [relu, b.weight([12, 4], 'w2')] }));
}

const data = seededSamples(small(), 150, 4);
const options: TrainerOptions = {
  loss: softmaxCrossEntropy(),
  optimizer: adam({ learningRate: 0.01 }),
  batchSize: 32,
  dropout: { relu: 0.25 },
  constraints: { w1: { mask: Uint8Array.from({ length: 72 }, (_, i) => i % 2), revivable: true } },
};

function weightsOf(trainer: Trainer): readonly Float32Array[] {
  return trainer.weightNames.map((name) => trainer.weight(name));
}

describe('a checkpoint', () => {
  // 5 steps an epoch: in the middle of one, after one, and after the last.
  test.each([1, 5, 7, 15])(
    'after step %i: a run that goes on from it ends with the same bytes',
    async (at) => {
      const fit = { epochs: 3, schedule: warmup(2, cosine()), progressEvery: 1 };
      const whole = await Trainer.create(small(), options);
      let kept: Uint8Array | null = null;
      const losses: number[] = [];
      await whole.fit(data, {
        ...fit,
        onProgress({ step, loss }) {
          losses.push(loss);
          if (step === at) kept = whole.checkpoint();
        },
      });
      const other = await Trainer.create(small(), options);
      other.restore(kept ?? new Uint8Array());
      const rest: number[] = [];
      await other.fit(data, { ...fit, onProgress: ({ loss }) => rest.push(loss) });
      expect(weightsOf(other)).toEqual(weightsOf(whole));
      expect(rest).toEqual(losses.slice(at));
      expect(other.checkpoint()).toEqual(whole.checkpoint());
    },
  );

  test('keeps masks and centroids', async () => {
    const indices = Uint8Array.from({ length: 48 }, (_, i) => i % 3);
    const clusters = { indices, centroids: Float32Array.of(0, 0.5, -0.5), zero: 0 };
    const trainer = await Trainer.create(small(), { ...options, constraints: { w2: clusters } });
    await trainer.fit(data, { epochs: 1 });
    const other = await Trainer.create(small(), options);
    other.restore(trainer.checkpoint());
    expect(weightsOf(other)).toEqual(weightsOf(trainer));
    expect(other.centroids('w2')).toEqual(trainer.centroids('w2'));
    expect(other.constraint('w1')).toBe(null);
  });

  test('of another model, and of other options, is refused', async () => {
    const trainer = await Trainer.create(small(), options);
    const b = new Builder();
    const other = b.model(b.apply({ op: 'MatMul', inputs: [b.input(['N', 6]), b.weight([6, 4], 'w1')] }));
    const refused = await Trainer.create(other, { ...options, dropout: {}, constraints: {} });
    expect(() => refused.restore(trainer.checkpoint())).toThrow(DataError);
    const unlike = await Trainer.create(small(), { ...options, seed: 2 });
    expect(() => unlike.restore(trainer.checkpoint())).toThrow(/seed 1.*seed 2/);
  });

  test('that is cut or flipped throws nothing but our errors', async () => {
    const trainer = await Trainer.create(small(), options);
    trainer.addToAverage();
    const whole = trainer.checkpoint();
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.option(fc.nat(255)), (at, byte) => {
        const damaged = byte === null ? whole.slice(0, at) : whole.map((b, i) => (i === at ? byte : b));
        try {
          trainer.restore(damaged);
        } catch (error) {
          expect(
            [DataError, FormatError].some((kind) => error instanceof kind),
            String(error),
          ).toBe(true);
          expect(error).not.toBeInstanceOf(InternalError);
        }
      }),
      { numRuns: 100 },
    );
  });
});

describe('a mean of weights', () => {
  test('is the mean, and keeps pruned weights at zero', async () => {
    const trainer = await Trainer.create(small(), options);
    const seen: Float32Array[] = [];
    await trainer.fit(data, {
      epochs: 3,
      onEpoch() {
        trainer.addToAverage();
        seen.push(trainer.weight('w1'));
      },
    });
    trainer.useAverage();
    const mean = seen[0]?.map((_, i) => seen.reduce((sum, w) => sum + (w[i] ?? 0), 0) / 3);
    expect(trainer.weight('w1')).toEqual(mean);
  });

  test('that moves counts later weights more, and is 1 in all', async () => {
    const decay = 0.75;
    const trainer = await Trainer.create(small(), options);
    const seen: Float32Array[] = [];
    await trainer.fit(data, {
      epochs: 1,
      progressEvery: 1,
      onProgress() {
        trainer.addToAverage({ decay });
        seen.push(trainer.weight('w2'));
      },
    });
    expect(seen).toHaveLength(5);
    trainer.useAverage();
    const factors = seen.map((_, i) => decay ** (seen.length - 1 - i));
    const total = factors.reduce((a, b) => a + b, 0);
    const mean = seen[0]?.map(
      (_, i) => seen.reduce((sum, w, at) => sum + (factors[at] ?? 0) * (w[i] ?? 0), 0) / total,
    );
    for (const [i, value] of trainer.weight('w2').entries()) expect(value).toBeCloseTo(mean?.[i] ?? 0, 6);
    expect(() => trainer.addToAverage({ decay: 1 })).toThrow(OptionsError);
  });

  test('is in a checkpoint: a run that goes on ends with the same one', async () => {
    const fit = (trainer: Trainer) => ({
      epochs: 3,
      progressEvery: 1,
      onProgress: () => trainer.addToAverage({ decay: 0.9 }),
    });
    const whole = await Trainer.create(small(), options);
    let kept: Uint8Array = new Uint8Array();
    await whole.fit(data, {
      ...fit(whole),
      onProgress({ step }) {
        whole.addToAverage({ decay: 0.9 });
        if (step === 7) kept = whole.checkpoint();
      },
    });
    const other = await Trainer.create(small(), options);
    other.restore(kept);
    await other.fit(data, fit(other));
    expect(other.checkpoint()).toEqual(whole.checkpoint());
    const last = weightsOf(whole);
    for (const trainer of [whole, other]) trainer.useAverage();
    expect(weightsOf(other)).toEqual(weightsOf(whole));
    expect(weightsOf(whole)).not.toEqual(last);
  });
});

describe('other losses', () => {
  test('distillation without labels makes a student agree with its teacher', async () => {
    const teacher = small();
    const student = small();
    const start = { ...options, dropout: {}, constraints: {}, optimizer: sgd({ learningRate: 0.5 }) };
    const trainer = await Trainer.create(student, {
      ...start,
      loss: distillation({ teacher, temperature: 2 }),
    });
    trainer.setWeight(
      'w2',
      trainer.weight('w2').map((_, i) => Math.sin(i) / 2),
    );
    const unlabelled = samples({ inputs: data.inputs });
    const before = await trainer.evaluate(unlabelled);
    expect(before.accuracy).toBe(null);
    await trainer.fit(unlabelled, { epochs: 60 });
    const after = await trainer.evaluate(unlabelled);
    // The least it can be is the entropy of the teacher: that of the teacher's own weights.
    const own = await Trainer.create(teacher, { ...start, loss: distillation({ teacher, temperature: 2 }) });
    const { loss: least } = await own.evaluate(unlabelled);
    expect(after.loss - least).toBeGreaterThan(-1e-5);
    expect(after.loss - least).toBeLessThan((before.loss - least) / 50);
  });

  test('the mean squared error finds a line', async () => {
    const b = new Builder();
    const product = b.apply({ op: 'MatMul', inputs: [b.input(['N', 2]), b.weight([2, 1], 'w')] });
    const model = b.model(b.apply({ op: 'Add', inputs: [product, b.weight([1], 'b')] }));
    const inputs = seededSamples(model, 100, 1).inputs;
    const xs = inputs['x']?.data ?? [];
    const targets = {
      data: Float32Array.from({ length: 100 }, (_, i) => 2 * (xs[2 * i] ?? 0) - (xs[2 * i + 1] ?? 0) + 0.5),
      dims: [1],
    };
    const trainer = await Trainer.create(model, {
      loss: meanSquaredError(),
      optimizer: sgd({ learningRate: 0.1 }),
      batchSize: 20,
    });
    await trainer.fit(samples({ inputs, targets }), { epochs: 60 });
    const [w, bias] = [trainer.weight('w'), trainer.weight('b')];
    expect([w[0], w[1], bias[0]].map((v) => Math.round((v ?? 0) * 1000) / 1000)).toEqual([2, -1, 0.5]);
    await expect(trainer.fit(samples({ inputs }), { epochs: 1 })).rejects.toThrow(/needs 1 numbers/);
  });
});

describe('functions that engines may round otherwise', () => {
  test('are near enough by our own steps', () => {
    for (let x = 0; x <= 1; x += 1 / 64) expect(cosineOfPi(x)).toBeCloseTo(Math.cos(Math.PI * x), 12);
    for (let x = -90; x <= 0; x += 0.37) expect(expOfNegative(x) / Math.exp(x)).toBeCloseTo(1, 12);
    for (const n of [0, 1, 2, 31, 1000]) expect(power(0.999, n)).toBeCloseTo(0.999 ** n, 12);
  });
});

describe('a random shift', () => {
  test('moves whole images, by no more than was asked for', () => {
    const image = Float32Array.from({ length: 2 * 5 * 5 }, (_, i) =>
      i % 25 === 12 ? 1 + Math.floor(i / 25) : 0,
    );
    const data = Float32Array.from([...image, ...image, ...image]);
    let calls = 0;
    const below = (limit: number): number => [0, 1, 2, 3, 4, 2][calls++ % 6] ?? limit;
    const random = { next: () => 0, normal: () => 0, below, fork: () => random };
    randomShift({ pixels: 2 })({ input: 'x', data, count: 3, dims: [2, 5, 5] }, random);
    const places = [0, 1, 2].map((i) => data.subarray(i * 50, i * 50 + 50).indexOf(1));
    // (2, 2) moved by (-2, -1), (0, 1) and (2, 0).
    expect(places).toEqual([0 * 5 + 1, 2 * 5 + 3, 4 * 5 + 2]);
    expect([0, 1, 2].map((i) => data.subarray(i * 50 + 25, i * 50 + 50).indexOf(2))).toEqual(places);
  });

  test('leaves the images alone that the share does not take in', () => {
    const data = Float32Array.of(1, 2, 1, 2, 1, 2); // three images of a row of two
    const draws = [0.2, 0.7, 0.3];
    const random = { next: () => draws.shift() ?? 0, normal: () => 0, below: () => 2, fork: () => random };
    randomShift({ pixels: 1, share: 0.5 })({ input: 'x', data, count: 3, dims: [1, 1, 2] }, random);
    // Moved down and to the right: out of the picture.
    expect([...data]).toEqual([0, 0, 1, 2, 0, 0]);
    expect(() => randomShift({ pixels: 1, share: 1.5 })).toThrow(OptionsError);
  });
});

test('a random flip mirrors whole images, or leaves them', () => {
  const image = [1, 2, 3, 4, 5, 6, 7, 8]; // two channels of two rows of two
  const data = Float32Array.from([...image, ...image, ...image]);
  let calls = 0;
  const random = { next: () => 0, normal: () => 0, below: () => [1, 0, 1][calls++] ?? 0, fork: () => random };
  randomFlip()({ input: 'x', data, count: 3, dims: [2, 2, 2] }, random);
  expect([...data]).toEqual([2, 1, 4, 3, 6, 5, 8, 7, ...image, 2, 1, 4, 3, 6, 5, 8, 7]);
});
