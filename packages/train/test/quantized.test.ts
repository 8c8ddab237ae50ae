import {
  AffineEncoding,
  affine,
  createRandom,
  DataError,
  dense,
  type Model,
  quantization,
  tensorOf,
  toNumbers,
} from '@espalier/core';
import { parseModel } from '@espalier/plugin-kit';
import { describe, expect, test } from 'vitest';
import {
  adam,
  meanSquaredError,
  type Samples,
  samples,
  sgd,
  softmaxCrossEntropy,
  Trainer,
  type TrainerOptions,
} from '../src/index.js';

/** Quantized weights, multiplied with floats. */
const layer = (): Model =>
  parseModel(`
    input x: float32[N, 3]
    constant w: float32[3, 2] = affine [0.1, -1, 0.5, 0.3, 0.7, 0]
    y = MatMul(x, w)
    output y
  `);

/** Everything that int8 networks are made of: a clamp behind a layer, operators that move, biases. */
const network = (): Model =>
  parseModel(`
    input x: float32[N, 2, 6, 6] q int8 scale 0.01 zero 0
    constant w: float32[4, 2, 3, 3] = affine random(1)
    constant b: float32[4] = random(2)
    a = Conv(x, w, b)
    r: float32[N, 4, 4, 4] q int8 scale 0.02 zero -128 = Relu(a)
    p: float32[N, 4, 2, 2] q int8 scale 0.02 zero -128 = MaxPool(r) { kernel_shape: [2, 2], strides: [2, 2] }
    f: float32[N, 16] q int8 scale 0.02 zero -128 = Flatten(p)
    constant m: float32[16, 3] = affine random(4)
    y: float32[N, 3] q int8 scale 0.05 zero 3 = MatMul(f, m)
    output y
  `);

function seeded(count: number, dims: readonly number[]): Samples {
  const random = createRandom('quantized');
  const size = dims.reduce((a, b) => a * b, 1);
  const data = Float32Array.from({ length: count * size }, () => random.next() * 2 - 1);
  const labels = Int32Array.from({ length: count }, () => random.below(3));
  return samples({ inputs: { x: { data, dims } }, labels });
}

/** So small a step changes no weight. */
const still = sgd({ learningRate: 1e-30, momentum: 0 });
const options: TrainerOptions = { loss: softmaxCrossEntropy(), optimizer: adam({ learningRate: 0.01 }) };

function codesOf(model: Model, name: string): { readonly codes: readonly number[]; readonly scale: number } {
  const held = model.graph.value(name)?.constant;
  if (!(held instanceof AffineEncoding)) throw new Error(`${name} holds no codes`);
  return {
    codes: Array.from(toNumbers(held.children.codes.decode())),
    scale: held.quantization.scale[0] ?? 0,
  };
}

describe('the straight-through gradient', () => {
  const x = Float32Array.of(1, 2, 3, -1, 0.5, 2);
  const data = samples({
    inputs: { x: { data: x, dims: [3] } },
    targets: { data: new Float32Array(4), dims: [2] },
  });

  test('of a weight is that of the rounded one, and zero where its code is clamped', async () => {
    const trainer = await Trainer.create(layer(), {
      loss: meanSquaredError(),
      optimizer: still,
      batchSize: 2,
    });
    const step = 1 / 127;
    // Rounded to [13, -127, 64, 38, 89, 0] steps but for the first one, which is beyond the last code.
    const reals = Float32Array.of(130 * step, -127.4 * step, 64.3 * step, 37.8 * step, 89 * step, 0);
    trainer.setWeight('w', reals);
    await trainer.fit(data, { epochs: 1 });
    const w = Float64Array.from([127, -127, 64, 38, 89, 0], (code) => code * step);
    // y = x w, the loss is the mean of y^2.
    const y = [0, 1].map((row) =>
      [0, 1].map((column) =>
        [0, 1, 2].reduce((sum, k) => sum + (x[row * 3 + k] ?? 0) * (w[k * 2 + column] ?? 0), 0),
      ),
    );
    const expected = Array.from(w, (_, i) => {
      const [k, column] = [Math.floor(i / 2), i % 2];
      return [0, 1].reduce((sum, row) => sum + 0.5 * (x[row * 3 + k] ?? 0) * (y[row]?.[column] ?? 0), 0);
    });
    const got = trainer.gradient('w');
    expect(got[0]).toBe(0);
    for (const [i, gradient] of expected.slice(1).entries()) expect(got[i + 1]).toBeCloseTo(gradient, 5);
    trainer.release();
  });

  test('of a value is zero beyond its range, and one within it', async () => {
    const model = parseModel(`
      input x: float32[N, 1]
      constant w: float32[1, 1] = [1]
      y: float32[N, 1] q int8 scale 0.01 zero 0 = MatMul(x, w)
      constant v: float32[1, 1] = [1]
      z = MatMul(y, v)
      output z
    `);
    for (const [input, gradient] of [
      [1.004, 1],
      [1.27, 1.27],
      [1.28, 0],
      [-1.28, -1.28],
      [-1.29, 0],
    ] as const) {
      const trainer = await Trainer.create(model, {
        loss: meanSquaredError(),
        optimizer: still,
        ranges: 'fixed',
      });
      const one = samples({
        inputs: { x: { data: Float32Array.of(input), dims: [1] } },
        targets: { data: Float32Array.of(0), dims: [1] },
      });
      await trainer.fit(one, { epochs: 1 });
      // d(y^2) = 2 y, by w times x.
      const y = Math.round(Math.min(Math.max(input * 100, -128), 127)) / 100;
      expect(trainer.gradient('w')[0]).toBeCloseTo(gradient === 0 ? 0 : 2 * y * input, 5);
      trainer.release();
    }
  });
});

describe('a quantized network', () => {
  const data = seeded(32, [2, 6, 6]);

  test('is trained to codes on grids that fit each other', async () => {
    const model = network();
    const before = codesOf(model, 'w');
    const trainer = await Trainer.create(model, { ...options, batchSize: 8 });
    expect(trainer.weightNames).toEqual(['w', 'b', 'm']);
    const first = await trainer.evaluate(data);
    await trainer.fit(data, { epochs: 6 });
    const last = await trainer.evaluate(data);
    expect(last.loss).toBeLessThan(first.loss - 0.05);
    trainer.writeBack();
    const after = codesOf(model, 'w');
    expect(after.codes).not.toEqual(before.codes);
    expect(after.scale).not.toBe(before.scale);
    const grids = ['x', 'r', 'p', 'f'].map((name) => model.graph.value(name)?.type?.quantization);
    // No weight has a part in the input; what moves elements keeps their grid.
    expect(grids[0]?.scale[0]).toBe(Math.fround(0.01));
    expect(grids[1]?.scale[0]).not.toBe(Math.fround(0.02));
    expect(grids.slice(1).map((grid) => grid?.scale[0])).toEqual(Array(3).fill(grids[1]?.scale[0]));
    expect(grids[1]?.zeroPoint[0]).toBe(-128);
    // What is written is what was trained.
    const again = await Trainer.create(model, { ...options, ranges: 'fixed' });
    expect(await again.evaluate(data)).toEqual(last);
    again.release();
    trainer.release();
  });

  test.each(['fixed', 'moving-average'] as const)(
    'keeps scales of weights with %s ranges',
    async (ranges) => {
      const model = network();
      const trainer = await Trainer.create(model, { ...options, ranges, batchSize: 8 });
      await trainer.fit(data, { epochs: 2 });
      trainer.writeBack();
      expect(codesOf(model, 'w').scale).toBe(codesOf(network(), 'w').scale);
      expect(codesOf(model, 'w').codes).not.toEqual(codesOf(network(), 'w').codes);
      const [was, now] = [network(), model].map(
        ({ graph }) => graph.value('r')?.type?.quantization?.scale[0],
      );
      if (ranges === 'fixed') expect(now).toBe(was);
      else expect(now).not.toBe(was);
      trainer.release();
    },
  );

  test('goes on from a checkpoint with the same bytes', async () => {
    const run = async (interrupted: boolean) => {
      let trainer = await Trainer.create(network(), { ...options, batchSize: 8 });
      await trainer.fit(data, { epochs: 1 });
      if (interrupted) {
        const saved = trainer.checkpoint();
        trainer.release();
        trainer = await Trainer.create(network(), { ...options, batchSize: 8 });
        trainer.restore(saved);
      }
      await trainer.fit(data, { epochs: 1 });
      const result = [trainer.weight('w'), trainer.quantization('w'), trainer.quantization('r')];
      trainer.release();
      return result;
    };
    expect(await run(true)).toEqual(await run(false));
  });

  test('has a bias in units of what its layer multiplies', async () => {
    const model = parseModel(`
      input x: float32[N, 3] q int8 scale 0.01 zero 0
      constant w: float32[4, 3] = affine random(1)
      constant b: float32[4] = affine random(2)
      y: float32[N, 4] q int8 scale 0.05 zero 3 = Gemm(x, w, b) { transB: 1 }
      output y
    `);
    const trainer = await Trainer.create(model, options);
    const [x, w, b] = ['x', 'w', 'b'].map((name) => trainer.quantization(name)?.scale[0] ?? 0);
    expect(b).toBe(Math.fround((x ?? 0) * (w ?? 0)));
    expect(trainer.quantization('b')?.storageType).toBe('int32');
    trainer.release();
  });
});

describe('a constraint of a quantized weight', () => {
  const data = seeded(24, [3]);
  const model = (): Model =>
    parseModel(`
      input x: float32[N, 3]
      constant w: float32[3, 4] = affine random(3)
      h = MatMul(x, w)
      r: float32[N, 4] q int8 scale 0.02 zero -128 = Relu(h)
      constant v: float32[4, 3] = random(5)
      y = MatMul(r, v)
      output y
    `);

  test('that is a mask keeps zeros', async () => {
    const mask = Uint8Array.from({ length: 12 }, (_, i) => i % 2);
    const own = model();
    const trainer = await Trainer.create(own, { ...options, constraints: { w: { mask } } });
    await trainer.fit(data, { epochs: 10 });
    trainer.writeBack();
    for (const [i, code] of codesOf(own, 'w').codes.entries()) if (mask[i] === 0) expect(code).toBe(0);
    expect(codesOf(own, 'w').codes.some((code) => code !== 0)).toBe(true);
    trainer.release();
  });

  test('that shares weights moves them together, on the grid', async () => {
    const indices = Uint8Array.from({ length: 12 }, (_, i) => i % 4);
    const centroids = Float32Array.of(0, 0.4, -0.6, 0.9);
    const own = model();
    const trainer = await Trainer.create(own, {
      ...options,
      constraints: { w: { indices, centroids, zero: 0 } },
    });
    await trainer.fit(data, { epochs: 10 });
    const trained = trainer.centroids('w');
    const values = trainer.weight('w');
    trainer.writeBack();
    const { codes, scale } = codesOf(own, 'w');
    for (const [i, code] of codes.entries()) {
      expect(code).toBe(codes[indices[i] ?? 0]);
      expect(values[i]).toBe(Math.fround(code * scale));
      expect(Math.abs((trained?.[indices[i] ?? 0] ?? 0) - code * scale)).toBeLessThanOrEqual(scale * 0.501);
    }
    expect(codes[0]).toBe(0);
    expect(trained).not.toEqual(centroids);
    trainer.release();
  });

  test('that shares weights is refused where each channel has its scale', async () => {
    const perChannel = layer();
    const codes = dense(tensorOf('int8', [1, 2, 3, 4, 5, 6], [3, 2]));
    const scale = Float32Array.of(0.1, 0.2);
    const w = perChannel.graph.value('w');
    if (w !== undefined) perChannel.graph.replaceConstant(w, affine(codes, quantization({ scale, axis: 1 })));
    const trainer = await Trainer.create(perChannel, options);
    const constraint = { indices: new Uint8Array(6), centroids: Float32Array.of(1) };
    expect(() => trainer.constrain('w', constraint)).toThrow(DataError);
    trainer.release();
  });
});

describe('ranges', () => {
  const model = (scale: number): Model =>
    parseModel(`
      input x: float32[N, 3]
      constant w: float32[3, 2] = random(6)
      h: float32[N, 2] q int8 scale ${scale} zero 0 = MatMul(x, w)
      constant v: float32[2, 3] = random(7)
      y = MatMul(h, v)
      output y
    `);
  const data = seeded(64, [3]);

  test('that are learned widen where they cut off what is needed', async () => {
    const narrow = 0.001;
    const losses = [];
    for (const ranges of ['learned', 'fixed'] as const) {
      const trainer = await Trainer.create(model(narrow), { ...options, ranges, batchSize: 8 });
      await trainer.fit(data, { epochs: 30 });
      losses.push((await trainer.evaluate(data)).loss);
      const scale = trainer.quantization('h')?.scale[0] ?? 0;
      if (ranges === 'learned') expect(scale).toBeGreaterThan(narrow * 1.1);
      else expect(scale).toBe(Math.fround(narrow));
      trainer.release();
    }
    expect(losses[0]).toBeLessThan(losses[1] ?? 0);
  });

  test('that move follow the extremes of each batch by a hundredth', async () => {
    const trainer = await Trainer.create(model(0.01), {
      ...{ loss: softmaxCrossEntropy(), optimizer: still },
      ...{ ranges: 'moving-average' as const, batchSize: 64 },
    });
    const w = trainer.weight('w');
    const x = data.inputs['x']?.data ?? [];
    const h = Float32Array.from({ length: 128 }, (_, i) =>
      [0, 1, 2].reduce((sum, k) => sum + (x[Math.floor(i / 2) * 3 + k] ?? 0) * (w[k * 2 + (i % 2)] ?? 0), 0),
    );
    let [min, max] = [-1.28, 1.27];
    for (let step = 0; step < 5; step++) {
      await trainer.fit(data, { epochs: 1 });
      min += 0.01 * (Math.min(...h, 0) - min);
      max += 0.01 * (Math.max(...h, 0) - max);
    }
    const grid = trainer.quantization('h');
    expect(grid?.scale[0]).toBeCloseTo((max - min) / 255, 7);
    expect(grid?.zeroPoint[0]).toBe(Math.round(-128 - (min * 255) / (max - min)));
    trainer.release();
  });
});
