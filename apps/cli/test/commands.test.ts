import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { createRandom, Tensor } from '@espalier/core';
import { beforeAll, describe, expect, test } from 'vitest';
import { memorySource } from '../src/data/byte-source.js';
import { encodeNpy, openNpy } from '../src/data/npy.js';
import { writeModel } from '../src/library.js';
import { espalier, temporaryFolder } from './command-line.js';
import { tinyModel } from './tiny-model.js';

const at = temporaryFolder();
const recipe = {
  name: 'three',
  steps: [
    { pass: 'prune', options: { density: 0.5 } },
    { pass: 'share-weights', options: { bits: 3 } },
    'huffman',
  ],
};

beforeAll(async () => {
  const random = createRandom(1);
  const images = Uint8Array.from({ length: 10 * 8 * 8 * 3 }, () => random.below(256));
  await writeFile(at('model.onnx'), writeModel(tinyModel(), 'onnx'));
  await writeFile(at('images.npy'), encodeNpy(new Tensor('uint8', images, [10, 8, 8, 3])));
  await writeFile(at('recipe.json'), JSON.stringify(recipe));
  // The labels are the model's own answers: it is right on all of them.
  const { stdout } = await espalier(['run', at('model.onnx'), '--data', at('images.npy'), '--json']);
  await writeFile(at('labels.txt'), JSON.parse(stdout).classes.join('\n'));
});

const data = (): string[] => ['--data', at('images.npy'), '--labels', at('labels.txt')];

describe('espalier', () => {
  test('without a command prints help', async () => {
    const ran = await espalier([]);
    expect(ran).toMatchObject({ code: 0, stderr: '' });
    expect(ran.stdout).toMatch(/Usage: espalier[\s\S]*inspect[\s\S]*Examples:/);
  });

  test('prints its version', async () => {
    expect(await espalier(['--version'])).toEqual({
      code: 0,
      stdout: expect.stringMatching(/^\d+\.\d+\.\d+/),
      stderr: '',
    });
  });

  test.each(['inspect', 'compress', 'run', 'bench', 'compare', 'convert', 'recipes', 'plugins'])(
    '%s --help tells its options',
    async (command) => {
      const { code, stdout } = await espalier([command, '--help']);
      expect(code).toBe(0);
      expect(stdout).toMatch(/--json[\s\S]*--debug/);
    },
  );
});

describe('inspect', () => {
  test('tells operators, shapes, parameters, MACs and bytes', async () => {
    const { code, stdout } = await espalier(['inspect', at('model.onnx'), '--json']);
    expect(code).toBe(0);
    const report = JSON.parse(stdout);
    expect(report).toMatchObject({
      format: 'onnx',
      sizeBytes: readFileSync(at('model.onnx')).length,
      parameters: 16 * 27 + 16 * 5 + 5,
      // Conv: 16 x 8 x 8 outputs of 27 products; Gemm: 5 of 16.
      macs: 16 * 64 * 27 + 5 * 16,
      operators: { Conv: 1, Relu: 1, GlobalAveragePool: 1, Flatten: 1, Gemm: 1 },
      inputs: [{ name: 'x', type: 'float32[N, 3, 8, 8]' }],
    });
    expect(report.layers[0]).toMatchObject({
      op: 'Conv',
      dims: [1, 16, 8, 8],
      sizeBytes: 16 * 27 * 4,
      encodings: ['float32'],
    });
  });

  test('shows a table to people, and the graph on request', async () => {
    expect((await espalier(['inspect', at('model.onnx')])).stdout).toMatch(
      /conv +Conv +1x16x8x8 +432 +27\.6 k +1,728 +float32/,
    );
    expect((await espalier(['inspect', at('model.onnx'), '--graph'])).stdout).toMatch(
      /input x: float32\[1, 3, 8, 8\]/,
    );
  });
});

describe('compress', () => {
  test('writes a smaller file that computes, and says what each pass and layer cost', async () => {
    const out = at('out.espalier');
    const ran = await espalier([
      'compress',
      at('model.onnx'),
      '-o',
      out,
      '-r',
      at('recipe.json'),
      ...data(),
      '--report',
      at('r.html'),
      '--json',
    ]);
    expect(ran.code).toBe(0);
    const report = JSON.parse(ran.stdout);
    expect(report.after).toMatchObject({ format: 'espalier', sizeBytes: readFileSync(out).length });
    expect(report.before.sizeBytes).toBe(readFileSync(at('model.onnx')).length);
    expect(report.compressionRatio).toBe(report.before.sizeBytes / report.after.sizeBytes);
    expect(report.passes.map(({ pass }: { pass: string }) => pass)).toEqual([
      'prune',
      'share-weights',
      'huffman',
    ]);
    expect(report.quality).toMatchObject({ samples: 10, top1: { before: 10 } });
    expect(report.layers).toHaveLength(2);
    expect(readFileSync(at('r.html'), 'utf8')).toMatch(/Where the bytes went[\s\S]*fold|prune/);
    expect(ran.stderr).toMatch(/1\/3 prune/);
  });

  test('the same seed gives the same bytes', async () => {
    for (const name of ['a.espalier', 'b.espalier']) {
      expect(
        (
          await espalier([
            'compress',
            at('model.onnx'),
            '-o',
            at(name),
            '-r',
            at('recipe.json'),
            '--seed',
            '5',
          ])
        ).code,
      ).toBe(0);
    }
    expect(readFileSync(at('a.espalier'))).toEqual(readFileSync(at('b.espalier')));
  });

  test('without data it says that accuracy was not measured', async () => {
    const { stdout } = await espalier([
      'compress',
      at('model.onnx'),
      '-o',
      at('c.espalier'),
      '-r',
      at('recipe.json'),
    ]);
    expect(stdout).toMatch(
      /bytes as espalier[\s\S]*Accuracy was not measured[\s\S]*c\.espalier: espalier, [\d,]+ bytes, [\d.]+x smaller than model\.onnx/,
    );
  });

  test('says what a format of others could not keep', async () => {
    const to = (out: string) =>
      espalier(['compress', at('model.onnx'), '-o', at(out), '-r', at('recipe.json')]);
    expect((await to('coded.onnx')).stdout).toMatch(/As espalier it is [\d,]+ bytes: onnx has no form for/);
    expect((await to('coded.espalier')).stdout).not.toMatch(/has no form for/);
  });

  test('cancelled, it exits with 130 and leaves nothing', async () => {
    const cancel = new AbortController();
    const running = espalier(
      ['compress', at('model.onnx'), '-o', at('never.espalier'), '-r', at('recipe.json')],
      cancel.signal,
    );
    cancel.abort();
    expect(await running).toMatchObject({
      code: 130,
      stdout: '',
      stderr: expect.stringMatching(/cancelled/i),
    });
    expect(existsSync(at('never.espalier'))).toBe(false);
    expect(readdirSync(at('.')).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });
});

describe('bench', () => {
  const bench = (...rest: string[]) => espalier(['bench', at('model.onnx'), '--runs', '3', ...rest]);

  test('tells the time of a run and of each node, and how much of it is multiplied', async () => {
    const { code, stdout } = await bench('--json');
    expect(code).toBe(0);
    const report = JSON.parse(stdout);
    expect(report).toMatchObject({
      format: 'onnx',
      inputs: [{ name: 'x', type: 'float32', dims: [1, 3, 8, 8] }],
      runs: 3,
      macs: 16 * 64 * 27 + 5 * 16,
    });
    expect(report.leastMs).toBeLessThanOrEqual(report.medianMs);
    expect(report.gmacPerSecond).toBeCloseTo(report.macs / report.medianMs / 1e6, 9);
    const nodes = report.nodes as { node: string; macs: number; share: number }[];
    expect(nodes.map(({ node }) => node)).toEqual(['conv', 'pool', 'flatten', 'fc']);
    expect(nodes.map(({ macs }) => macs)).toEqual([16 * 64 * 27, 0, 0, 5 * 16]);
    expect(nodes.reduce((sum, { share }) => sum + share, 0)).toBeLessThanOrEqual(1);
  });

  test('shows a table to people, the slowest node first on request', async () => {
    const { stdout } = await bench('--sort');
    expect(stdout).toMatch(
      /^input {3}x: float32\[1x3x8x8\]\nrun {5}median .* ms, least .* ms of 3; 27\.7 k MACs/,
    );
    expect(stdout).toMatch(/conv \+ relu .* % .*27\.6 k/);
    const times = [...stdout.matchAll(/(\d+\.\d{4}) /g)].map(([, ms]) => Number(ms));
    expect(times).toEqual([...times].sort((a, b) => b - a));
  });

  test('takes the size of inputs that the model leaves open', async () => {
    const { stdout } = await bench('--shape', '4x3x8x8', '--json');
    expect(JSON.parse(stdout)).toMatchObject({
      inputs: [{ dims: [4, 3, 8, 8] }],
      macs: 4 * (16 * 64 * 27 + 80),
    });
  });
});

describe('run, compare and convert', () => {
  beforeAll(async () => {
    await espalier(['compress', at('model.onnx'), '-o', at('small.espalier'), '-r', at('recipe.json')]);
  });

  test('run saves what the model hands out', async () => {
    const ran = await espalier(['run', at('small.espalier'), ...data(), '-o', at('scores.npy'), '--json']);
    expect(ran.code).toBe(0);
    const rows = await openNpy(memorySource('scores.npy', readFileSync(at('scores.npy'))));
    expect([rows.type, rows.dims]).toEqual(['float32', [10, 5]]);
    expect(JSON.parse(ran.stdout)).toMatchObject({
      samples: 10,
      outputs: [{ dims: [10, 5] }],
      top1: { of: 10 },
    });
  });

  test('compare of a model with itself finds no difference', async () => {
    const ran = await espalier([
      'compare',
      at('model.onnx'),
      at('model.onnx'),
      ...data(),
      '--no-latency',
      '--json',
    ]);
    expect(JSON.parse(ran.stdout)).toMatchObject({
      agreement: 1,
      outputSqnrDb: 'Infinity',
      compressionRatio: 1,
      a: { top1: { right: 10, of: 10 } },
    });
  });

  test('compare pairs layers by place where a file holds no inner names', async () => {
    const ran = await espalier([
      'compare',
      at('model.onnx'),
      at('small.espalier'),
      ...data(),
      '--no-latency',
      '--json',
    ]);
    const { layers, b } = JSON.parse(ran.stdout);
    expect(b.sizeBytes).toBe(readFileSync(at('small.espalier')).length);
    expect(layers.map(({ name }: { name: string }) => name)).toEqual(['conv', 'scores']);
    for (const { sqnrDb } of layers) expect(sqnrDb).toBeGreaterThan(0);
  });

  test('compare without data refuses, since random inputs are no accuracy', async () => {
    const ran = await espalier(['compare', at('model.onnx'), at('small.espalier')]);
    expect(ran).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(/real data[\s\S]*fix: Pass --data/),
    });
  });

  test('convert to espalier and back keeps every weight', async () => {
    expect((await espalier(['convert', at('model.onnx'), '-o', at('same.espalier')])).code).toBe(0);
    expect((await espalier(['convert', at('same.espalier'), '-o', at('same.onnx')])).code).toBe(0);
    const ran = await espalier([
      'compare',
      at('model.onnx'),
      at('same.onnx'),
      ...data(),
      '--no-latency',
      '--json',
    ]);
    expect(JSON.parse(ran.stdout)).toMatchObject({ outputSqnrDb: 'Infinity' });
  });
});

describe('recipes and plugins', () => {
  test('plugins lists passes, formats and encodings', async () => {
    const { passes, formats, encodings } = JSON.parse((await espalier(['plugins', '--json'])).stdout);
    expect(passes.map(({ id }: { id: string }) => id)).toEqual(
      expect.arrayContaining(['prune', 'share-weights', 'huffman']),
    );
    expect(formats.map(({ name }: { name: string }) => name)).toEqual(
      expect.arrayContaining(['espalier', 'onnx', 'tflite']),
    );
    expect(encodings).toEqual(expect.arrayContaining(['dense', 'sparse', 'codebook', 'huffman']));
    expect((await espalier(['plugins', 'prune'])).stdout).toMatch(/^prune: .*\n {2}option +value +default/);
  });

  test('recipes lists those that come along, and prints one', async () => {
    const { stdout } = await espalier(['recipes']);
    for (const name of ['int8', 'int8-tflite', 'float16', 'deep-compression', 'smallest'])
      expect(stdout).toMatch(new RegExp(`^${name} `, 'm'));
    const printed = JSON.parse((await espalier(['recipes', 'int8'])).stdout);
    expect(printed).toMatchObject({ name: 'int8', steps: expect.arrayContaining(['huffman']) });
    // What is printed is a recipe file.
    await writeFile(at('own.json'), JSON.stringify(printed));
    const ran = await espalier([
      'compress',
      at('model.onnx'),
      '-o',
      at('own.espalier'),
      '-r',
      at('own.json'),
      '--calibration',
      at('images.npy'),
    ]);
    expect(ran.code).toBe(0);
  });

  test.each(['float16', 'deep-compression', 'smallest'])('recipe %s needs no data', async (name) => {
    const ran = await espalier([
      'compress',
      at('model.onnx'),
      '-o',
      at(`${name}.espalier`),
      '-r',
      name,
      '--json',
    ]);
    expect(ran.code).toBe(0);
    expect(JSON.parse(ran.stdout).compressionRatio).toBeGreaterThan(1);
  });

  test('a recipe prunes, clusters, quantizes and trains in one run', async () => {
    const finetune = { epochs: 1, batchSize: 5, validation: 0 };
    const steps = [...recipe.steps.slice(0, 2), { pass: 'quantize', options: { finetune } }, 'huffman'];
    await writeFile(at('clustered.json'), JSON.stringify({ steps }));
    const out = at('clustered.espalier');
    const images = ['--calibration', at('images.npy'), '--train', at('images.npy')];
    const ran = await espalier([
      ...['compress', at('model.onnx'), '-o', out, '-r', at('clustered.json'), '--json'],
      ...images,
    ]);
    expect(ran).toEqual({ code: 0, stdout: expect.any(String), stderr: expect.any(String) });
    const { passes, layers } = JSON.parse(ran.stdout);
    expect(passes.map(({ pass }: { pass: string }) => pass)).toEqual([
      'prune',
      'share-weights',
      'quantize',
      'huffman',
    ]);
    expect(layers).toHaveLength(2);
    const { stdout } = await espalier(['inspect', out, '--json']);
    expect(stdout).toMatch(/int8/);

    const labelled = [...images, '--train-labels', at('labels.txt')];
    const again = await espalier([
      ...['compress', at('model.onnx'), '-o', out, '-f', '-r', at('clustered.json'), '--json'],
      ...labelled,
    ]);
    const { tables } = JSON.parse(again.stdout).passes[2];
    expect(tables[0].title).toBe('Training of the quantized model');
    expect(tables[0].rows).not.toEqual(passes[2].tables[0].rows);
  });

  test('labels of training data without the data are refused', async () => {
    const ran = await espalier([
      ...['compress', at('model.onnx'), '-o', at('never.espalier'), '-r', 'float16'],
      ...['--train-labels', at('labels.txt')],
    ]);
    expect(ran).toMatchObject({ code: 1, stderr: expect.stringContaining('Pass --train') });
  });

  test('recipe int8 without calibration data says what it needs', async () => {
    const ran = await espalier([
      'compress',
      at('model.onnx'),
      '-o',
      at('no.espalier'),
      '-r',
      'int8',
      '--quiet',
    ]);
    expect(ran.code).toBe(1);
    expect(ran.stderr).toMatch(/calibration/);
    expect(existsSync(at('no.espalier'))).toBe(false);
  });

  test('recipes --schema prints the schema of recipe files', async () => {
    expect(JSON.parse((await espalier(['recipes', '--schema'])).stdout)).toMatchObject({
      required: ['steps'],
    });
  });

  test('a plugin of somebody else is loaded by path', async () => {
    await mkdir(at('plugin'));
    await writeFile(
      at('plugin/index.mjs'),
      "export const mine = { id: 'mine', apiVersion: 1, register() {} };\nexport const other = 3;\n",
    );
    expect((await espalier(['plugins', '--plugin', at('plugin/index.mjs'), '--json'])).code).toBe(0);
    await writeFile(at('plugin/none.mjs'), 'export const other = 3;\n');
    const refused = await espalier(['plugins', '--plugin', at('plugin/none.mjs')]);
    expect(refused.stderr).toMatch(/none\.mjs" exports no plugin/);
  });
});
