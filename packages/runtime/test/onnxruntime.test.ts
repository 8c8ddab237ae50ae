import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { onnxFormat, writeOnnx } from '@espalier/onnx';
import { parseModel } from '@espalier/plugin-kit';
import { registerEspalier } from '@espalier/runtime/onnxruntime';
import * as ort from 'onnxruntime-common';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { sessionOptions } from '../src/onnxruntime/session-options.js';

const espalier = { executionProviders: ['espalier'] };

const product = writeOnnx(
  parseModel(`
    input x: float32[N, 2]
    constant w: float32[2, 2] = [1, 2, 3, 4]
    y = MatMul(x, w)
    output y
  `),
);
const rows = (): ort.Tensor => new ort.Tensor('float32', Float32Array.of(1, 1, 0, 2), [2, 2]);

beforeAll(() => registerEspalier(ort, { formats: [onnxFormat] }));

describe('the execution provider "espalier"', () => {
  test('runs code written for ONNX Runtime', async () => {
    const session = await ort.InferenceSession.create(product, espalier);
    expect(session.inputNames).toEqual(['x']);
    expect(session.inputMetadata).toEqual([{ name: 'x', isTensor: true, type: 'float32', shape: ['N', 2] }]);
    const { y } = await session.run({ x: rows() });
    expect(y).toBeInstanceOf(ort.Tensor);
    expect(y?.dims).toEqual([2, 2]);
    expect(Array.from(y?.data as Float32Array)).toEqual([4, 6, 6, 8]);
    await session.release();
    await expect(session.run({ x: rows() })).rejects.toThrow(/released/);
  });

  test('is not asked where another provider is named first, nor by default', async () => {
    const other: ort.Backend = {
      async init() {},
      async createInferenceSessionHandler() {
        throw new Error('the other one');
      },
    };
    ort.registerBackend('other', other, 0);
    const providers = ['other', 'espalier'];
    await expect(ort.InferenceSession.create(product, { executionProviders: providers })).rejects.toThrow(
      'the other one',
    );
    await expect(ort.InferenceSession.create(product)).rejects.toThrow('the other one');
    const named = { executionProviders: [{ name: 'espalier' }] };
    expect((await ort.InferenceSession.create(product, named)).outputNames).toEqual(['y']);
  });

  test('is told to be fast by an option of the provider', async () => {
    const executionProviders = [{ name: 'espalier', fastMath: true }];
    expect(sessionOptions({ executionProviders }, [], null).fastMath).toBe(true);
    expect(sessionOptions(espalier, [], null).fastMath ?? false).toBe(false);
    const session = await ort.InferenceSession.create(product, { executionProviders });
    expect((await session.run({ x: rows() }))['y']?.data).toEqual(Float32Array.of(4, 6, 6, 8));
  });

  test('writes into tensors that fetches hold, and returns them', async () => {
    const session = await ort.InferenceSession.create(product, espalier);
    const y = new ort.Tensor('float32', new Float32Array(4), [2, 2]);
    const results = await session.run({ x: rows() }, { y }, { tag: 'ignored' });
    expect(results['y']).toBe(y);
    expect([...(y.data as Float32Array)]).toEqual([4, 6, 6, 8]);
    expect(Object.keys(await session.run({ x: rows() }, { y: null }))).toEqual(['y']);
    expect(Object.keys(await session.run({ x: rows() }, ['y']))).toEqual(['y']);
    const flat = new ort.Tensor('float32', new Float32Array(4), [4]);
    await expect(session.run({ x: rows() }, { y: flat })).rejects.toThrow(
      /"y" is float32\[2, 2\].*float32\[4\]/,
    );
  });

  test.each([
    { type: 'float32', data: Float32Array.of(1.5, NaN, -0) },
    { type: 'float64', data: Float64Array.of(0.1, 1e300, -Infinity) },
    { type: 'float16', data: Uint16Array.of(0x3c00, 0x8000, 0x7bff) },
    { type: 'int8', data: Int8Array.of(-128, 0, 127) },
    { type: 'uint8', data: Uint8Array.of(0, 1, 255) },
    { type: 'int16', data: Int16Array.of(-32768, 0, 32767) },
    { type: 'uint16', data: Uint16Array.of(0, 1, 65535) },
    { type: 'int32', data: Int32Array.of(-(2 ** 31), 0, 2 ** 31 - 1) },
    { type: 'uint32', data: Uint32Array.of(0, 1, 2 ** 32 - 1) },
    { type: 'int64', data: BigInt64Array.of(-(2n ** 63n), 0n, 2n ** 53n + 1n) },
    { type: 'uint64', data: BigUint64Array.of(0n, 1n, 2n ** 64n - 1n) },
    { type: 'bool', data: Uint8Array.of(0, 1, 1) },
  ] as const)('hands $type through and back, bit for bit', async ({ type, data }) => {
    const model = parseModel(`
      input x: ${type}[3, 1]
      y = Transpose(x) { perm: [1, 0] }
      output y
    `);
    const session = await ort.InferenceSession.create(writeOnnx(model), espalier);
    // Overloads can't be chosen by a type that is known only now.
    const { y } = await session.run({ x: new ort.Tensor(type as 'float32', data as Float32Array, [3, 1]) });
    expect([y?.type, y?.dims]).toEqual([type, [1, 3]]);
    const bytes = y?.data as Float32Array;
    expect(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)).toEqual(
      new Uint8Array(data.buffer),
    );
    // Float16Array, where the engine has it, is what onnxruntime-common hands out.
    expect(bytes).toBeInstanceOf(type === 'float16' ? (float16Array ?? Uint16Array) : data.constructor);
  });

  test('refuses tensors of strings by name', async () => {
    const session = await ort.InferenceSession.create(product, espalier);
    await expect(session.run({ x: new ort.Tensor('string', ['a', 'b'], [1, 2]) })).rejects.toThrow(
      /"x".*type string/,
    );
  });

  test('reads a part of an ArrayBuffer, and shared memory', async () => {
    const buffer = new ArrayBuffer(product.length + 30);
    new Uint8Array(buffer).set(product, 10);
    const shared = new SharedArrayBuffer(product.length);
    new Uint8Array(shared).set(product);
    const sessions = [
      await ort.InferenceSession.create(buffer, 10, product.length, espalier),
      await ort.InferenceSession.create(shared, espalier),
    ];
    for (const session of sessions) {
      expect((await session.run({ x: rows() }))['y']?.data).toEqual(Float32Array.of(4, 6, 6, 8));
    }
  });

  test('gives open dims a size, and takes no other then', async () => {
    const options = { ...espalier, freeDimensionOverrides: { N: 2, M: 7 } };
    const session = await ort.InferenceSession.create(product, options);
    expect(session.inputMetadata[0]).toMatchObject({ shape: [2, 2] });
    expect((await session.run({ x: rows() }))['y']?.dims).toEqual([2, 2]);
    const one = new ort.Tensor('float32', new Float32Array(2), [1, 2]);
    await expect(session.run({ x: one })).rejects.toThrow(/float32\[2, 2\].*float32\[1, 2\]/);
    const wrong = ort.InferenceSession.create(product, { ...espalier, freeDimensionOverrides: { N: 1.5 } });
    await expect(wrong).rejects.toThrow(/"N" is overridden by 1.5/);
  });

  test('prints where the time went, between startProfiling and endProfiling', async () => {
    const printed = vi.spyOn(console, 'log').mockReturnValue();
    const session = await ort.InferenceSession.create(product, espalier);
    session.startProfiling();
    session.endProfiling();
    session.startProfiling();
    await session.run({ x: rows() });
    session.endProfiling();
    await vi.waitFor(() => expect(printed).toHaveBeenCalledTimes(1));
    expect(printed.mock.calls[0]?.[0]).toMatch(
      /means of 20 runs:\n.* ms +\d+ % {2}MatMul .*\n[\s\S]*all, .* GMAC\/s$/,
    );
    printed.mockRestore();
  });

  test('takes hints, and refuses what it has no result for', async () => {
    const hints = {
      graphOptimizationLevel: 'disabled',
      executionMode: 'parallel',
      logSeverityLevel: 4,
    } as const;
    await expect(ort.InferenceSession.create(product, { ...espalier, ...hints })).resolves.toBeDefined();
    for (const option of [
      { preferredOutputLocation: 'gpu-buffer' },
      { optimizedModelFilePath: 'x.onnx' },
    ] as const) {
      const refused = ort.InferenceSession.create(product, { ...espalier, ...option });
      await expect(refused).rejects.toMatchObject({ code: 'UNSUPPORTED', where: Object.keys(option)[0] });
    }
  });
});

const float16Array = (globalThis as { Float16Array?: new () => unknown }).Float16Array;

describe('a model that is named', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'espalier-named-'));
    writeFileSync(join(folder, 'product.onnx'), product);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test.each([
    { kind: 'a path', location: () => join(folder, 'product.onnx') },
    { kind: 'a file URL', location: () => pathToFileURL(join(folder, 'product.onnx')).href },
    { kind: 'a data URL', location: () => `data:;base64,${Buffer.from(product).toString('base64')}` },
  ])('by $kind is loaded', async ({ location }) => {
    const session = await ort.InferenceSession.create(location(), espalier);
    expect((await session.run({ x: rows() }))['y']?.data).toEqual(Float32Array.of(4, 6, 6, 8));
  });

  test('and is not there is an error that names it', async () => {
    const missing = ort.InferenceSession.create(join(folder, 'none.onnx'), espalier);
    await expect(missing).rejects.toMatchObject({ code: 'FILE', where: join(folder, 'none.onnx') });
  });
});

describe('weights in another file', () => {
  const bytes = Uint8Array.of(1, 2, 3);
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'espalier-beside-'));
    writeFileSync(join(folder, 'weights.bin'), bytes);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test.each([
    { kind: 'a Uint8Array', data: () => bytes },
    { kind: 'an ArrayBuffer', data: () => bytes.slice().buffer },
    { kind: 'a Blob', data: () => new Blob([bytes]) },
    { kind: 'a path', data: () => join(folder, 'weights.bin') },
  ])('are read from externalData as $kind', async ({ data }) => {
    for (const path of ['weights.bin', './weights.bin']) {
      const { readBeside } = sessionOptions({ externalData: [{ path, data: data() }] }, [], null);
      expect([...((await readBeside?.('weights.bin')) ?? [])]).toEqual([1, 2, 3]);
    }
  });

  test('are read beside a model that is named by a path', async () => {
    for (const externalData of [[], ['weights.bin']]) {
      const { readBeside } = sessionOptions({ externalData }, [], join(folder, 'model.onnx'));
      expect([...((await readBeside?.('weights.bin')) ?? [])]).toEqual([1, 2, 3]);
    }
  });
});
