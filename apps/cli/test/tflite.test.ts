import { writeFile } from 'node:fs/promises';
import { type Model, Tensor } from '@espalier/core';
import { parseModel } from '@espalier/plugin-kit';
import { createCompressor } from '@espalier/presets';
import { beforeAll, describe, expect, test } from 'vitest';
import { encodeNpy } from '../src/data/npy.js';
import { writeModel } from '../src/library.js';
import { espalier, temporaryFolder } from './command-line.js';

const file = temporaryFolder();

/** Images of [4, 4, 1] bytes, and a model of TensorFlow Lite that takes them as they are, as reals or as codes. */
const reals = `
  input x: float32[N, 4, 4, 1]
  constant w: float32[16, 3] = random(1)
  constant shape: int64[2] = [-1, 16]
  f = Reshape(x, shape)
  y = Gemm(f, w)
  output y
`;
const codes = reals
  .replace('input x: float32', 'input q: int8')
  .replace(
    '  f =',
    '  constant one: float32[] = [1]\n  constant low: int8[] = [-128]\n  x = DequantizeLinear(q, one, low)\n  f =',
  );

async function write(name: string, model: Model): Promise<string> {
  const format = createCompressor().formats.find((one) => one.name === 'tflite');
  await writeFile(file(name), format?.write?.(model) ?? new Uint8Array());
  return file(name);
}

let [float, int8, pixels] = ['', '', ''];
beforeAll(async () => {
  float = await write('float.tflite', parseModel(reals));
  int8 = await write('int8.tflite', parseModel(codes));
  pixels = file('pixels.npy');
  const bytes = Uint8Array.from({ length: 80 }, (_, i) => (i * 37) % 256);
  await writeFile(pixels, encodeNpy(new Tensor('uint8', bytes, [5, 4, 4, 1])));
});

async function outputs(...argv: readonly string[]): Promise<readonly unknown[]> {
  const { code, stdout, stderr } = await espalier(['run', ...argv, '--json']);
  expect(stderr).not.toMatch(/error/);
  expect(code).toBe(0);
  return JSON.parse(stdout).outputs.map((one: Readonly<Record<string, unknown>>) => one);
}

describe('models that take codes', () => {
  test('get the bytes of images as codes, as a model of reals gets them with --raw-bytes', async () => {
    const [a] = await outputs(float, '--data', pixels, '--raw-bytes');
    const [b] = await outputs(int8, '--data', pixels);
    expect(b).toEqual(a);
    const [scaled] = await outputs(float, '--data', pixels);
    expect(scaled).not.toEqual(a);
  });

  test('get the codes of reals', async () => {
    const values = Float32Array.from({ length: 80 }, (_, i) => (i * 37) % 256);
    await writeFile(file('reals.npy'), encodeNpy(new Tensor('float32', values, [5, 4, 4, 1])));
    const [a] = await outputs(float, '--data', file('reals.npy'));
    const [b] = await outputs(int8, '--data', file('reals.npy'));
    expect(b).toEqual(a);
  });

  test('are compared with one that takes reals', async () => {
    const argv = ['compare', float, int8, '--data', pixels, '--raw-bytes', '--no-latency', '--json'];
    const { code, stdout } = await espalier(argv);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ agreement: 1, outputSqnrDb: 'Infinity' });
  });

  test('are told from models that take something else', async () => {
    const other = await write('other.tflite', parseModel(reals.replace('[N, 4, 4, 1]', '[N, 2, 8, 1]')));
    const { code, stderr } = await espalier(['compare', int8, other, '--data', pixels]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/take different inputs/);
  });
});

test('convert gives open inputs a size, where the format has to know it', async () => {
  const open = parseModel(`
    input x: float32[1, 1, H, W]
    constant w: float32[2, 1, 3, 3] = random(1)
    constant scales: float32[4] = [1, 1, 2, 2]
    a = Conv(x, w)
    y = Resize(a, _, scales) { mode: "linear" }
    output y
  `);
  await writeFile(file('open.onnx'), writeModel(open, 'onnx'));
  const to = (...flags: readonly string[]) =>
    espalier(['convert', file('open.onnx'), '-o', file('sized.tflite'), ...flags]);
  expect(await to()).toMatchObject({ code: 1, stderr: expect.stringMatching(/not known[\s\S]*--shape/) });
  expect((await to('--shape', '1x1x5x6')).code).toBe(0);
  const { stdout } = await espalier(['inspect', file('sized.tflite'), '--json']);
  expect(JSON.parse(stdout).inputs).toEqual([{ name: 'x', type: 'float32[1, 1, 5, 6]' }]);
  expect(await to('--shape', 'z=1x1x5x6', '--force')).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/no input "z"[\s\S]*"x"/),
  });
});
