import {
  AffineEncoding,
  CALIBRATOR,
  Compressor,
  DataError,
  type Dataset,
  definePlugin,
  describeEncoding,
  type Model,
  OptionsError,
  PackedEncoding,
  PassError,
  PluginError,
  Tensor,
  toFloat32,
} from '@espalier/core';
import { expectSameOutputs, parseModel, seededTensor } from '@espalier/plugin-kit';
import { InferenceSession, RuntimeExecutor } from '@espalier/runtime';
import { describe, expect, test } from 'vitest';
import { quantize } from '../src/index.js';
import { runtime, samples } from './support/samples.js';

const dims = [1, 3, 6, 6];

/** Runs one step of static quantization. */
async function quantized(
  model: Model,
  options: Parameters<typeof quantize>[0] = {},
  data = samples(dims),
): Promise<Model> {
  const compressor = new Compressor({ plugins: [runtime, quantize] });
  const result = await compressor.run(model, [quantize(options)], {
    data: { calibration: data },
    driftSamples: 0,
  });
  return result.model;
}

/** The grid of a value: scale and zero point; null where it has none. */
function gridOf(model: Model, name: string): readonly [number, number] | null {
  const grid = model.graph.value(name)?.type?.quantization;
  return grid === undefined ? null : [grid.scale[0] ?? NaN, grid.zeroPoint[0] ?? NaN];
}

function encodingOf(model: Model, name: string): string {
  const value = model.graph.constants.find((constant) => constant.name.startsWith(name));
  return value?.constant == null ? 'none' : describeEncoding(value.constant);
}

async function implementations(model: Model): Promise<Record<string, string>> {
  const { plan } = await InferenceSession.create(model);
  return Object.fromEntries(plan.map(({ op, implementation }) => [op, implementation]));
}

const branches = () =>
  parseModel(`
    input x: float32[1, 3, 6, 6]
    constant w: float32[4, 3, 3, 3] = random(1)
    constant b: float32[4] = random(2)
    a = Conv(x, w, b) { pads: [1, 1, 1, 1] }
    r = Relu(a)
    p = MaxPool(r) { kernel_shape: [2, 2], strides: [2, 2] }
    t = Transpose(p) { perm: [0, 1, 3, 2] }
    g = Sigmoid(t)
    c = Concat(t, g) { axis: 1 }
    m = ReduceMax(c) { keepdims: 0 }
    output c
    output m
  `);

describe('static quantization', () => {
  test('quantizes what int8 nodes read and write, and nothing between a node and the clamp behind it', async () => {
    const model = await quantized(branches());
    expect(gridOf(model, 'a')).toBe(null);
    expect(gridOf(model, 'x')).not.toBe(null);
    expect(gridOf(model, 'r')?.[1]).toBe(-128);
    expect(gridOf(model, 'm')).toBe(null);
    expect(await implementations(model)).toEqual({
      Conv: 'int8',
      Relu: 'int8',
      MaxPool: 'int8',
      Transpose: 'int8',
      Sigmoid: 'int8',
      Concat: 'int8',
      ReduceMax: 'float32',
    });
  });

  test('hands one grid through operators that only move values, and knows that of a sigmoid', async () => {
    const model = await quantized(branches());
    expect(gridOf(model, 'p')).toEqual(gridOf(model, 'r'));
    expect(gridOf(model, 't')).toEqual(gridOf(model, 'r'));
    expect(gridOf(model, 'g')).toEqual([1 / 256, -128]);
  });

  test('holds a bias in int32 at scale inputScale * weightScale', async () => {
    const model = await quantized(branches());
    const [x, w, b] = model.graph.nodesOf('Conv')[0]?.inputs ?? [];
    const [weight, bias] = [w?.constant, b?.constant];
    if (!(weight instanceof AffineEncoding) || !(bias instanceof AffineEncoding))
      throw new Error('no integers');
    expect(bias.quantization.storageType).toBe('int32');
    const inputScale = x?.type?.quantization?.scale[0] ?? NaN;
    expect(bias.quantization.scale).toEqual(weight.quantization.scale.map((s) => inputScale * s));
    expect(weight.quantization.axis).toBe(0);
  });

  test('computes nearly what the float model computes', async () => {
    const before = branches();
    const after = await quantized(before);
    const feeds = { x: seededTensor('sample 0', dims, -1, 1) };
    const executor = new RuntimeExecutor();
    // Three roundings of 1/255 of a range, two of which may add up in one value.
    await expectSameOutputs(before, after, executor, { tolerance: 0.02, feeds });
  });

  test('changes nothing the second time, and needs no data for it', async () => {
    const once = await quantized(branches());
    const compressor = new Compressor({ plugins: [quantize] });
    const { report } = await compressor.run(once, [quantize()]);
    expect(report.passes[0]?.modified).toBe(false);
  });

  test('keeps outputs in float32 where it is told to', async () => {
    const model = await quantized(branches(), { outputs: 'float32' });
    expect(gridOf(model, 'c')).toBe(null);
    expect(gridOf(model, 'g')).not.toBe(null);
  });

  test.each(['the_conv', 'w', 'Conv'])('leaves alone what "%s" names', async (name) => {
    const model = branches();
    const conv = model.graph.nodesOf('Conv')[0];
    if (conv !== undefined) (conv as { name: string }).name = 'the_conv';
    const after = await quantized(model, { exclude: [name] });
    expect(gridOf(after, 'x')).toBe(null);
    expect(encodingOf(after, 'w')).toBe('float32');
  });

  test('refuses to exclude what is not there, by name', async () => {
    const run = quantized(branches(), { exclude: ['convolution'] });
    await expect(run).rejects.toThrow(/no node, weight or operator "convolution"/);
    await expect(run).rejects.toMatchObject({ cause: expect.any(OptionsError) });
  });

  test('leaves carriers between float operators alone', async () => {
    const model = parseModel(`
      input x: float32[1, 3, 6, 6]
      s = Sin(x)
      r = Relu(s)
      y = Cos(r)
      output y
    `);
    expect(gridOf(await quantized(model), 'r')).toBe(null);
  });

  test('holds weights of operators without an integer form in int8 all the same', async () => {
    const model = parseModel(`
      input x: float32[1, 3, 6, 6]
      constant w: float32[3, 8, 2, 2] = random(3)
      y = ConvTranspose(x, w) { strides: [2, 2], group: 3 }
      output y
    `);
    const after = await quantized(model);
    expect(encodingOf(after, 'w')).toBe('affine(codes: int8)');
    expect(gridOf(after, 'x')).toBe(null);
  });

  test('names in its report what goes on in float32, and why', async () => {
    const model = parseModel(`
      input x: float32[1, 3, 6, 6]
      constant w: float32[3, 3, 3, 3] = random(3)
      constant v: float32[3, 3, 1, 1] = random(4)
      a = Conv(x, w)
      b = Conv(a, v)
      c = Log(b)
      d = Relu(c)
      e = Cos(d)
      output e
    `);
    const compressor = new Compressor({ plugins: [runtime, quantize] });
    const data = { calibration: samples(dims) };
    const { report } = await compressor.run(model, [quantize({ exclude: ['v'] })], { data, driftSamples: 0 });
    const [table] = report.passes[0]?.tables ?? [];
    expect(table?.title).toBe('computed in float32');
    expect(table?.rows).toEqual([
      ['Conv', 1, 'excluded', 'b'],
      ['Log', 1, 'no form in integers as it is', 'c'],
      ['Relu', 1, 'between nodes in float32', 'd'],
      ['Cos', 1, 'no form in integers as it is', 'e'],
    ]);
    const whole = await compressor.run(branches(), [quantize({ outputs: 'int8' })], {
      data,
      driftSamples: 0,
    });
    expect(whole.report.passes[0]?.tables.map(({ rows }) => rows)).toEqual([
      [['ReduceMax', 1, 'no form in integers as it is', 'm']],
    ]);
  });

  test('enlarges, subtracts and bends in int8', async () => {
    const model = parseModel(`
      input x: float32[1, 3, 6, 6]
      constant w: float32[3, 2, 2, 2] = random(3)
      constant b: float32[2] = random(4)
      t = ConvTranspose(x, w, b) { strides: [2, 2] }
      e = Elu(t)
      y = Sub(t, e)
      output y
    `);
    const after = await quantized(model);
    expect(encodingOf(after, 'b')).toBe('affine(codes: int32)');
    expect(await implementations(after)).toEqual({ ConvTranspose: 'int8', Elu: 'int8', Sub: 'int8' });
    const executor = new RuntimeExecutor();
    await expectSameOutputs(model, after, executor, {
      tolerance: 0.05,
      feeds: { x: seededTensor('sample 0', dims, -1, 1) },
    });
  });

  test('keeps zeros and their places, and runs on them', async () => {
    const model = parseModel(`
      input x: float32[1, 8]
      constant w: float32[8, 8] = sparse(gaps: packed) random(2)
      y = MatMul(x, w)
      output y
    `);
    const zeros = toFloat32(model.weights()[0]?.decode() ?? new Tensor('float32', new Float32Array())).map(
      (v) => (v === 0 ? 1 : 0),
    );
    const after = await quantized(model, {}, samples([1, 8]));
    expect(encodingOf(after, 'w')).toMatch(/^affine\(codes: sparse\(gaps: .*, values: int8\)\)$/);
    const values = toFloat32(after.weights()[0]?.decode() ?? new Tensor('float32', new Float32Array()));
    for (const [i, zero] of zeros.entries()) if (zero === 1) expect(values[i]).toBe(0);
    expect((await implementations(after))['MatMul']).toBe('int8');
  });

  test('weights that share values have one scale, and still share them', async () => {
    const model = parseModel(`
      input x: float32[1, 8]
      constant w: float32[8, 8] = codebook(indices: packed) random(2)
      y = MatMul(x, w)
      output y
    `);
    const distinct = (of: Model): number => new Set(of.weights()[0]?.decode().data as Float32Array).size;
    const after = await quantized(model, {}, samples([1, 8]));
    expect(distinct(after)).toBeLessThanOrEqual(distinct(model));
    expect((await implementations(after))['MatMul']).toBe('int8');
  });

  test('a channel whose weights are all but zero keeps its bias', async () => {
    const model = parseModel(`
      input x: float32[1, 1, 2, 2]
      constant w: float32[2, 1, 1, 1] = [1e-30, 1]
      constant b: float32[2] = [0.75, 0]
      y = Conv(x, w, b)
      output y
    `);
    const after = await quantized(model, {}, samples([1, 1, 2, 2]));
    expect((await implementations(after))['Conv']).toBe('int8');
    const x = new Tensor('float32', new Float32Array(4), [1, 1, 2, 2]);
    const y = (await (await InferenceSession.create(after)).run({ x }))['y'];
    const step = gridOf(after, 'y')?.[0] ?? NaN;
    expect(Math.abs((y?.data[0] as number) - 0.75)).toBeLessThanOrEqual(step);
  });
});

describe('weights of few bits', () => {
  const codesOf = (model: Model, name: string): readonly number[] => {
    const constant = model.graph.constants.find((value) => value.name === name)?.constant;
    if (!(constant instanceof AffineEncoding)) throw new Error('no integers');
    return Array.from(constant.children.codes.decode().data as Int8Array);
  };

  test('are packed, run in int8, and reach to 7 on both sides', async () => {
    const model = await quantized(branches(), { bits: 4 });
    expect(encodingOf(model, 'w')).toBe('affine(codes: packed)');
    expect(Math.max(...codesOf(model, 'w').map(Math.abs))).toBe(7);
    expect((await implementations(model))['Conv']).toBe('int8');
  });

  test('are set for each layer by name or operator', async () => {
    const model = await quantized(branches(), { bits: { w: 2, default: 8 } });
    expect(Math.max(...codesOf(model, 'w').map(Math.abs))).toBe(1);
  });

  test.each([{ weightRange: 'mse' }, { rounding: 'adaptive' }, { correctBias: true }] as const)(
    'compute nearer to the float model with %o',
    async (options) => {
      const [before, feeds] = [branches(), { x: seededTensor('sample 0', dims, -1, 1) }];
      const errorOf = async (model: Model): Promise<number> => {
        const [a, b] = await Promise.all(
          [before, model].map(async (each) => (await (await InferenceSession.create(each)).run(feeds))['c']),
        );
        const [x, y] = [a?.data as Float32Array, b?.data as Float32Array];
        return x.reduce((sum, value, i) => sum + (value - (y[i] ?? 0)) ** 2, 0);
      };
      const nearest = await errorOf(await quantized(branches(), { bits: 3 }));
      expect(await errorOf(await quantized(branches(), { bits: 3, ...options }))).toBeLessThan(nearest);
    },
  );

  test('of a layer without a bias are corrected by one that is made for it', async () => {
    const model = parseModel(`
      input x: float32[1, 3, 6, 6]
      constant w: float32[4, 3, 3, 3] = random(1)
      y = Conv(x, w)
      output y
    `);
    const data = samples(dims, 4, 'x', (i, shape) => seededTensor(`sample ${i}`, shape, 0, 1));
    const after = await quantized(model, { bits: 3, correctBias: true }, data);
    expect(encodingOf(after, 'w_bias')).toBe('affine(codes: int32)');
    expect((await implementations(after))['Conv']).toBe('int8');
  });
});

describe('mixed precision', () => {
  const two = () =>
    parseModel(`
      input x: float32[1, 3, 6, 6]
      constant w: float32[8, 3, 3, 3] = random(1)
      constant v: float32[8, 8, 3, 3] = random(2)
      a = Conv(x, w)
      r = Relu(a)
      c = Conv(r, v)
      g = GlobalAveragePool(c)
      y = Flatten(g)
      output y
    `);

  test('keeps the average within its budget, with what each layer takes in the report', async () => {
    const compressor = new Compressor({ plugins: [runtime, quantize] });
    const step = quantize({ mixed: { averageBits: 5 } });
    const { model, report } = await compressor.run(two(), [step], { data: { calibration: samples(dims) } });
    const widths = model.weights().map(({ encoding, value }) => {
      const codes = encoding.children['codes'];
      return { bits: codes instanceof PackedEncoding ? codes.bitWidth : 8, size: value.constant?.dims ?? [] };
    });
    const [sum, all] = widths.reduce(
      ([bits, count], { bits: width, size }) => {
        const weights = size.reduce((a, b) => a * b, 1);
        return [bits + width * weights, count + weights];
      },
      [0, 0],
    );
    expect((sum ?? NaN) / (all ?? NaN)).toBeLessThanOrEqual(5);
    const counted = Object.keys(report.passes[0]?.statistics ?? {}).filter((name) =>
      name.startsWith('layers.'),
    );
    expect(counted.length).toBeGreaterThan(0);
  });

  test('leaves all at 8 bits where no layer may get noisier', async () => {
    const model = await quantized(two(), { mixed: { averageBits: 2, leastDb: 200 } });
    expect(model.weights().map(({ encoding }) => describeEncoding(encoding))).toEqual([
      'affine(codes: int8)',
      'affine(codes: int8)',
    ]);
  });

  const run = (mixed: object, data = samples(dims, 24)) =>
    new Compressor({ plugins: [runtime, quantize] }).run(two(), [quantize({ mixed })], {
      data: { calibration: data },
    });
  const bytesOf = async (mixed: object): Promise<number> =>
    (await run(mixed)).report.passes[0]?.sizeBytes ?? NaN;

  test('keeps whole files within their bytes, down to the fewest there are', async () => {
    const [most, least] = [await bytesOf({ averageBits: 8 }), await bytesOf({ averageBits: 2 })];
    expect(least).toBeLessThan(most);
    const half = Math.floor((most + least) / 2);
    const size = await bytesOf({ maxBytes: half });
    expect(size).toBeLessThanOrEqual(half);
    expect(size).toBeGreaterThan(least);
    expect(await bytesOf({ maxBytes: most })).toBe(most);
    expect(await bytesOf({ maxBytes: least })).toBe(least);
    await expect(run({ maxBytes: least - 1 })).rejects.toThrow(`${least} are the fewest`);
  });

  test('takes as few bytes as the answers allow', async () => {
    const [all, none] = [await bytesOf({ maxAccuracyDrop: 1 }), await bytesOf({ maxAccuracyDrop: 0 })];
    expect(all).toBe(await bytesOf({ averageBits: 2 }));
    expect(none).toBeGreaterThan(all);
  });

  test('says so where bytes and answers do not go together', async () => {
    const least = await bytesOf({ averageBits: 2 });
    const { report } = await run({ maxAccuracyDrop: 0, maxBytes: least });
    expect(report.passes[0]?.sizeBytes).toBe(least);
    expect(report.passes[0]?.warnings.join()).toContain('answers are lost');
  });

  test('goes down to the least SQNR where nothing else is given, and wants some limit', async () => {
    const { report } = await run({ leastDb: 20 });
    const [table] = report.passes[0]?.tables ?? [];
    const sqnr = table?.rows.map((row) => Number.parseFloat(String(row[3]))) ?? [];
    expect(sqnr.length).toBe(2);
    for (const decibels of sqnr) expect(decibels).toBeGreaterThanOrEqual(20);
    await expect(run({})).rejects.toThrow('has no limit');
  });

  test('is of modes that look at what layers read', async () => {
    await expect(quantized(two(), { mode: 'dynamic', mixed: { averageBits: 4 } })).rejects.toThrow(
      'Mode "dynamic"',
    );
  });
});

describe('16-bit activations', () => {
  test('have symmetric grids, and compute what the float model does to a ten-thousandth', async () => {
    const before = branches();
    const after = await quantized(before, { activations: 'int16' });
    expect(after.graph.value('r')?.type?.quantization?.storageType).toBe('int16');
    expect(gridOf(after, 'r')?.[1]).toBe(0);
    const feeds = { x: seededTensor('sample 0', dims, -1, 1) };
    // Weights of 8 bits are left: half a scale each, 27 of them.
    await expectSameOutputs(before, after, new RuntimeExecutor(), { tolerance: 0.02, feeds });
  });

  test('are set for one value by its name', async () => {
    const after = await quantized(branches(), { activations: { r: 'int16', default: 'int8' } });
    expect(after.graph.value('r')?.type?.quantization?.storageType).toBe('int16');
    expect(after.graph.value('x')?.type?.quantization?.storageType).toBe('int8');
    await InferenceSession.create(after);
  });
});

describe('calibrators', () => {
  /** A calibrator of somebody else's. */
  const unit = definePlugin({
    id: 'unit-range',
    register(container) {
      const range = { min: -1, max: 1 };
      const observe = () => ({ see() {}, range: () => range });
      container.register(CALIBRATOR, { useValue: { name: 'unit', about: 'From -1 to 1.', observe } });
    },
  });

  test('come from any plugin, by name', async () => {
    const compressor = new Compressor({ plugins: [runtime, quantize, unit] });
    const data = { calibration: samples(dims) };
    const { model } = await compressor.run(branches(), [quantize({ observer: 'unit' })], { data });
    expect(gridOf(model, 'x')?.[0]).toBe(Math.fround(2 / 255));
    expect(gridOf(model, 'r')?.[0]).toBe(Math.fround(2 / 255));
  });

  test('are chosen for each value by its name or its operator', async () => {
    const compressor = new Compressor({ plugins: [runtime, quantize, unit] });
    const data = { calibration: samples(dims) };
    const step = quantize({ observer: { r: 'unit', default: 'min-max' } });
    const { model } = await compressor.run(branches(), [step], { data });
    expect(gridOf(model, 'r')?.[0]).toBe(Math.fround(2 / 255));
    expect(gridOf(model, 'x')?.[0]).not.toBe(Math.fround(2 / 255));
  });

  test('that are not there are refused by name, before anything runs', async () => {
    await expect(quantized(branches(), { observer: 'minmax' })).rejects.toThrow(/Did you mean "min-max"/);
  });
});

describe('static quantization without what it needs', () => {
  const filled = (at: (i: number) => number): Dataset => {
    const values = Float32Array.from({ length: 108 }, (_, i) => at(i));
    return samples(dims, 2, 'x', () => new Tensor('float32', values, dims));
  };

  test('says how to give calibration data', async () => {
    const run = new Compressor({ plugins: [runtime, quantize] }).run(branches(), [quantize()]);
    await expect(run).rejects.toThrow(PassError);
    await expect(run).rejects.toThrow(/--calibration/);
    await expect(run).rejects.toMatchObject({ cause: expect.any(DataError) });
  });

  test('says that nothing can run models', async () => {
    const data = { calibration: samples(dims) };
    const run = new Compressor({ plugins: [quantize] }).run(branches(), [quantize()], { data });
    await expect(run).rejects.toMatchObject({ cause: expect.any(PluginError) });
  });

  test('refuses calibration data of another shape, and activations that are not finite', async () => {
    await expect(quantized(branches(), {}, samples([1, 3, 5, 6]))).rejects.toMatchObject({
      cause: expect.any(DataError),
    });
    const huge = filled((i) => 3e38 - i);
    await expect(quantized(branches(), {}, huge)).rejects.toThrow(/not finite/);
    const broken = filled((i) => (i === 7 ? NaN : i));
    await expect(quantized(branches(), {}, broken)).rejects.toThrow(
      /Sample 0 holds NaN for input "x", at element 7/,
    );
  });

  test('refuses calibration data of one number', async () => {
    const grey = filled(() => 0.5);
    await expect(quantized(branches(), {}, grey)).rejects.toThrow(
      /hold one number.*"x" is 0.5 in all samples/,
    );
  });

  test('refuses a weight that is no number, by name', async () => {
    const model = branches();
    const w = model.graph.value('w');
    const data = new Float32Array(108);
    data[5] = NaN;
    if (w !== undefined)
      model.graph.replaceConstant(
        w,
        model.graph.constant(new Tensor('float32', data, [4, 3, 3, 3])).constant ?? (undefined as never),
      );
    await expect(quantized(model, { mode: 'weight-only' })).rejects.toThrow(/"w" is NaN at element 5/);
  });
});
