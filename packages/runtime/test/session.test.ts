import { DataError, FormatError, Graph, Model, quantization, Tensor, UnsupportedError } from '@espalier/core';
import { loadKernels } from '@espalier/kernels';
import { onnxFormat, writeOnnx } from '@espalier/onnx';
import { parseModel } from '@espalier/plugin-kit';
import { InferenceSession, RuntimeExecutor } from '@espalier/runtime';
import { describe, expect, test } from 'vitest';
import { Workspace } from '../src/memory/workspace.js';
import { capabilitiesFor } from '../src/plan/capabilities.js';
import { makePlan } from '../src/plan/make-plan.js';
import { ruleForm } from '../src/plan/rule-form.js';
import { numbers, reals } from './support/one-op.js';

const convolution = () =>
  parseModel(`
    input x: float32[N, 2, H, W]
    constant w: float32[3, 2, 3, 3] = random(1)
    constant b: float32[3] = random(2)
    h = Conv(x, w, b) { pads: [1, 1, 1, 1] }
    r = Relu(h)
    y = GlobalAveragePool(r)
    output y
    output r
  `);

function images(n: number, size: number, seed = 1): Tensor<'float32'> {
  return reals(numbers(seed), [n, 2, size, size]);
}

describe('a session', () => {
  test('tells its inputs and outputs as onnxruntime-common does', async () => {
    const session = await InferenceSession.create(convolution());
    expect(session.inputNames).toEqual(['x']);
    expect(session.outputNames).toEqual(['y', 'r']);
    expect(session.inputMetadata).toEqual([
      { name: 'x', isTensor: true, type: 'float32', shape: ['N', 2, 'H', 'W'] },
    ]);
    expect(session.outputMetadata[0]?.shape).toEqual(['N', 3, 1, 1]);
  });

  test('runs any batch and size, in any order, with the results of a run of its own', async () => {
    const session = await InferenceSession.create(convolution());
    for (const [n, size] of [
      [1, 5],
      [4, 9],
      [2, 3],
      [4, 9],
    ] as const) {
      const x = images(n, size, n);
      const fresh = await InferenceSession.create(convolution());
      expect(await session.run({ x })).toEqual(await fresh.run({ x }));
    }
  });

  test('gives each image of a batch what it gets alone', async () => {
    const session = await InferenceSession.create(convolution());
    const x = images(3, 6);
    const all = (await session.run({ x }))['r'];
    for (let i = 0; i < 3; i++) {
      const one = new Tensor('float32', x.data.slice(i * 72, (i + 1) * 72), [1, 2, 6, 6]);
      const alone = (await session.run({ x: one }))['r'];
      expect(alone?.data).toEqual(all?.data.slice(i * 108, (i + 1) * 108));
    }
  });

  test('shares nothing with another one, and runs at the same time', async () => {
    const [a, b] = await Promise.all([
      InferenceSession.create(convolution()),
      InferenceSession.create(convolution()),
    ]);
    const [x, z] = [images(2, 8), images(3, 4, 5)];
    const alone = [await a.run({ x }), await b.run({ x: z })];
    expect(await Promise.all([a.run({ x }), b.run({ x: z }), a.run({ x })])).toEqual([...alone, alone[0]]);
    await a.release();
    expect(await b.run({ x: z })).toEqual(alone[1]);
    await expect(a.run({ x })).rejects.toThrow(DataError);
  });

  test('hands out tensors of its own: writing to them harms neither weights nor feeds', async () => {
    const model = parseModel(`
      input x: float32[2]
      constant w: float32[2] = [3, 4]
      i = Identity(x)
      output i
      output w
    `);
    const session = await InferenceSession.create(model);
    const x = new Tensor('float32', Float32Array.of(1, 2));
    const first = await session.run({ x });
    for (const tensor of Object.values(first)) (tensor.data as Float32Array).fill(9);
    expect(Array.from(x.data)).toEqual([1, 2]);
    expect(Array.from((await session.run({ x }))['w']?.data as Float32Array)).toEqual([3, 4]);
  });

  test('does not change the model it is made of', async () => {
    const model = convolution();
    const values = model.graph.values.length;
    await InferenceSession.create(model);
    expect(model.graph.values.length).toBe(values);
    expect(model.graph.nodeCount).toBe(3);
  });

  test('takes bytes of a registered format, and only these', async () => {
    const bytes = writeOnnx(convolution());
    const session = await InferenceSession.create(bytes, { formats: [onnxFormat] });
    const x = images(1, 4);
    expect(await session.run({ x })).toEqual(await (await InferenceSession.create(convolution())).run({ x }));
    await expect(InferenceSession.create(bytes)).rejects.toThrow(FormatError);
    await expect(InferenceSession.create(new Uint8Array(3), { formats: [onnxFormat] })).rejects.toThrow(
      FormatError,
    );
  });

  test('tells where the time of a run goes, node by node', async () => {
    const session = await InferenceSession.create(convolution());
    const profile = await session.profile({ x: images(2, 5) }, { runs: 3 });
    const macs = 2 * 5 * 5 * 3 * 18;
    expect(profile).toMatchObject({ runs: 3, macs });
    expect(profile.nodes.map(({ op, macs }) => [op, macs])).toEqual([
      ['Conv', macs],
      ['GlobalAveragePool', 0],
    ]);
    expect(profile.nodes[0]).toMatchObject({
      implementation: 'float32',
      kernels: ['transposeF32', 'convF32'],
    });
    const parts = profile.nodes.reduce((sum, { ms }) => sum + ms, profile.inputMs + profile.outputMs);
    expect(parts).toBeCloseTo(profile.ms);
    expect(profile.arenaBytes).toBeGreaterThan(2 * 3 * 25 * 4);
  });

  test('takes the fast kernels where it is asked to and there are any, with results to match', async () => {
    const feeds = { x: images(2, 9) };
    const plain = await InferenceSession.create(convolution());
    const fast = await InferenceSession.create(convolution(), { fastMath: true });
    expect((await plain.profile(feeds, { runs: 1 })).binary).toBe((await loadKernels()).binary);
    expect((await fast.profile(feeds, { runs: 1 })).binary).toBe(
      (await loadKernels({ fastMath: true })).binary,
    );
    const [expected, actual] = [(await plain.run(feeds))['r'], (await fast.run(feeds))['r']];
    // 19 roundings of 2^-24 each, of sums below 19.
    const bound = 19 * 19 * 2 ** -23;
    const differences = Array.from(
      { length: 2 * 3 * 81 },
      (_, i) => Number(expected?.data[i]) - Number(actual?.data[i]),
    );
    expect(differences.every((difference) => Math.abs(difference) < bound)).toBe(true);
  });

  test('gives only the outputs asked for', async () => {
    const session = await InferenceSession.create(convolution());
    const x = images(1, 4);
    expect(Object.keys(await session.run({ x }, ['y']))).toEqual(['y']);
    expect(Object.keys(await session.run({ x }, { r: null }))).toEqual(['r']);
    await expect(session.run({ x }, ['z'])).rejects.toThrow(/no output "z"/);
  });

  test.each([
    { feeds: {}, message: /"x" is not fed/ },
    { feeds: { x: images(1, 4), z: images(1, 4) }, message: /no input "z"/ },
    {
      feeds: { x: new Tensor('float64', new Float64Array(32), [1, 2, 4, 4]) },
      message: /float64\[1, 2, 4, 4\]/,
    },
    { feeds: { x: new Tensor('float32', new Float32Array(48), [1, 3, 4, 4]) }, message: /\[N, 2, H, W\]/ },
    { feeds: { x: { type: 'float32', dims: [1], data: [1] } }, message: /typed array/ },
    { feeds: { x: { type: 'string', dims: [1], data: ['a'] } }, message: /typed array/ },
  ])('refuses feeds that do not fit: $message', async ({ feeds, message }) => {
    const session = await InferenceSession.create(convolution());
    await expect(session.run(feeds as never)).rejects.toThrow(message);
    await expect(session.run(feeds as never)).rejects.toThrow(DataError);
  });
});

describe('what can not run is refused when the plan is made', () => {
  test('an unknown operator, by name', async () => {
    const graph = new Graph();
    const x = graph.addInput('x', { dtype: 'float32', dims: [1] });
    graph.addOutput(graph.apply({ op: 'Frobnicate', name: 'odd one', inputs: [x] }, 'y'));
    const session = InferenceSession.create(new Model(graph));
    await expect(session).rejects.toThrow(UnsupportedError);
    await expect(session).rejects.toThrow(/Frobnicate[\s\S]*"odd one"/);
  });

  test('a type that an operator has no form for, with the type', async () => {
    const graph = new Graph();
    const x = graph.addInput('x', { dtype: 'bool', dims: [1] });
    graph.addOutput(graph.apply({ op: 'Sin', inputs: [x] }, 'y', { dtype: 'bool', dims: [1] }));
    await expect(InferenceSession.create(new Model(graph))).rejects.toThrow(/Sin[\s\S]*bool/);
  });

  test('an operator without a form in the rule of the model, with both names', async () => {
    const graph = new Graph();
    const type = { dtype: 'float32', dims: [1, 4], quantization: quantization({ scale: 0.1 }) } as const;
    const x = graph.addInput('x', type);
    graph.addOutput(graph.apply({ op: 'Exp', inputs: [x] }, 'y', type));
    const model = new Model(graph, { requantization: 'tflite' });
    await expect(InferenceSession.create(model)).rejects.toThrow(/Exp can't run[\s\S]*rule "tflite"/);
    // Here it has one.
    const session = await InferenceSession.create(model, { requantization: 'onnx' });
    expect((await session.run({ x: new Tensor('float32', new Float32Array(4), [1, 4]) }))['y']?.size).toBe(4);
    await session.release();
  });

  test('an engine without WebAssembly SIMD, with the versions that have it', async () => {
    const { validate } = WebAssembly;
    try {
      WebAssembly.validate = () => false;
      const session = InferenceSession.create(convolution());
      await expect(session).rejects.toThrow(UnsupportedError);
      await expect(session).rejects.toThrow(/SIMD is missing[\s\S]*newer browser/);
    } finally {
      WebAssembly.validate = validate;
    }
  });

  test('weights that kernel memory does not hold, with their node', async () => {
    const kernels = await loadKernels({ memory: new WebAssembly.Memory({ initial: 2, maximum: 4 }) });
    const model = parseModel(`
      input x: float32[1, 512]
      constant w: float32[512, 512] = random(1)
      y = MatMul(x, w)
      output y
    `);
    const form = await ruleForm('onnx', await capabilitiesFor(model.graph.nodes));
    const plan = () => makePlan(model, new Workspace(kernels), { seen: 'none', form });
    expect(plan).toThrow(UnsupportedError);
    expect(plan).toThrow(/weights of MatMul[\s\S]*node/);
  });

  test('a result that no memory holds is told as such, with its node', async () => {
    const model = parseModel(`
      input x: float32[1, 1]
      input s: int64[2]
      e = Expand(x, s)
      y = MatMul(e, e)
      output y
    `);
    const session = await InferenceSession.create(model);
    const x = new Tensor('float32', Float32Array.of(1), [1, 1]);
    const s = new Tensor('int64', BigInt64Array.of(2n ** 40n, 2n ** 40n));
    await expect(session.run({ x, s })).rejects.toThrow(UnsupportedError);
  });
});

describe('an execution', () => {
  test('shows every value in order, the ones that fusing hides too', async () => {
    const execution = await new RuntimeExecutor().prepare(convolution());
    const x = images(2, 5);
    const seen: string[] = [];
    const observed = await execution.run({ x }, (value, tensor) => {
      seen.push(`${value.name} [${tensor.dims.join(', ')}]`);
    });
    expect(seen).toEqual(['h [2, 3, 5, 5]', 'r [2, 3, 5, 5]', 'y [2, 3, 1, 1]']);
    expect(observed).toEqual(await execution.run({ x }));
    execution.dispose();
    await expect(execution.run({ x })).rejects.toThrow();
  });

  test('goes on from an activation that is another one, in whatever order', async () => {
    const execution = await new RuntimeExecutor().prepare(convolution());
    const x = images(2, 5);
    const seen = new Map<string, Tensor>();
    const outputs = await execution.run({ x }, (value, tensor) => seen.set(value.name, tensor));
    const held = await execution.hold({ x }, new Set(['x', 'h', 'r', 'y']));
    if (held === null) throw new Error('there is memory for this');
    expect(held.outputs).toEqual(outputs);
    const other = images(2, 5, 9);
    const [h, r, y] = ['h', 'r', 'y'].map((name) => seen.get(name));
    if (h === undefined || r === undefined || y === undefined) throw new Error('one is missing');
    const mapped = ({ data, dims }: Tensor, of: (value: number) => number): Tensor =>
      new Tensor('float32', (data as Float32Array).map(of), dims);
    const opposite = (tensor: Tensor): Tensor => mapped(tensor, (value) => -value);
    const clamped = mapped(opposite(h), (value) => Math.max(0, value));
    const tail = await new RuntimeExecutor().prepare(
      parseModel('input r: float32[2, 3, 5, 5]\ny = GlobalAveragePool(r)\noutput y'),
    );
    const from = async (changed: Tensor) => ({ ...(await tail.run({ r: changed })), r: changed });
    const changes = {
      x: [other, await new RuntimeExecutor().prepare(convolution()).then((one) => one.run({ x: other }))],
      h: [opposite(h), await from(clamped)],
      r: [opposite(r), await from(opposite(r))],
      y: [opposite(y), { y: opposite(y), r }],
    } as const;
    for (const name of ['y', 'x', 'r', 'h', 'r', 'y'] as const) {
      const [changed, expected] = changes[name];
      expect(held.outputsWith(name, changed), name).toEqual(expected);
      expect(held.value('h'), name).toEqual(h);
    }
    expect(held.value('w')).toBe(null);
    expect(held.outputsWith('nothing', x)).toBe(null);
    held.release();
  });

  test('times the steps of a run by the value that each ends with, a convolution with the Relu behind it', async () => {
    const execution = await new RuntimeExecutor().prepare(convolution());
    const { ms, steps } = await execution.time({ x: images(2, 5) }, 3);
    expect([...steps.keys()]).toEqual(['r', 'y']);
    for (const step of steps.values()) expect(step).toBeGreaterThanOrEqual(0);
    expect([...steps.values()].reduce((a, b) => a + b, 0)).toBeLessThanOrEqual(ms);
    execution.dispose();
    await expect(execution.time({ x: images(2, 5) }, 3)).rejects.toThrow();
  });

  test('shows values that depend on constants alone', async () => {
    const model = parseModel(`
      input x: float32[2]
      constant w: float32[2] = [3, 4]
      n = Neg(w)
      y = Add(x, n)
      output y
    `);
    const execution = await new RuntimeExecutor().prepare(model);
    const seen: string[] = [];
    await execution.run({ x: new Tensor('float32', Float32Array.of(1, 2)) }, (value) =>
      seen.push(value.name),
    );
    expect(seen).toEqual(['n', 'y']);
  });

  test('evaluates one node over constants, or says that it can not', () => {
    const executor = new RuntimeExecutor();
    const graph = new Graph();
    const x = graph.addInput('x', { dtype: 'float32', dims: [2] });
    const sum = graph.addNode({ op: 'Add', inputs: [x, x], outputs: [graph.addValue('y')] });
    const odd = graph.addNode({ op: 'Frobnicate', inputs: [x], outputs: [graph.addValue('z')] });
    const two = new Tensor('float32', Float32Array.of(1, 2));
    expect(executor.evaluate(sum, [two, two])?.[0]?.data).toEqual(Float32Array.of(2, 4));
    expect(executor.evaluate(odd, [two])).toBe(null);
    expect(executor.evaluate(sum, [two, new Tensor('float32', new Float32Array(3))])).toBe(null);
  });
});
