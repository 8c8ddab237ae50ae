import { readFile, writeFile } from 'node:fs/promises';
import { createRandom, dense, Tensor } from '@espalier/core';
import { beforeAll, describe, expect, test } from 'vitest';
import { encodeNpy } from '../src/data/npy.js';
import { writeModel } from '../src/library.js';
import { espalier, temporaryFolder } from './command-line.js';
import { tinyModel } from './tiny-model.js';

const at = temporaryFolder();

/** One channel with weights a hundred times those of the others: with one scale for all, these have few codes. */
function lopsided(): Uint8Array {
  const model = tinyModel();
  for (const [name, channel] of [
    ['conv.weight', (i: number) => Math.floor(i / 27)],
    ['fc.weight', (i: number) => Math.floor(i / 5)],
  ] as const) {
    const value = model.graph.value(name);
    const constant = value?.constant;
    if (value === undefined || constant == null) throw new Error(`no ${name}`);
    const factor = name === 'conv.weight' ? 100 : 0.01;
    const values = Float32Array.from(constant.decode().data as Float32Array, (w, i) =>
      channel(i) === 0 ? w * factor : w,
    );
    model.graph.replaceConstant(value, dense(new Tensor('float32', values, constant.dims)));
  }
  return writeModel(model, 'onnx');
}

beforeAll(async () => {
  const random = createRandom(1);
  const images = Uint8Array.from({ length: 24 * 8 * 8 * 3 }, () => random.below(256));
  const options = { granularity: 'tensor' };
  await writeFile(at('model.onnx'), lopsided());
  await writeFile(at('images.npy'), encodeNpy(new Tensor('uint8', images, [24, 8, 8, 3])));
  await writeFile(at('tensor.json'), JSON.stringify({ steps: ['fuse', { pass: 'quantize', options }] }));
  await writeFile(at('prune.json'), JSON.stringify({ steps: ['prune'] }));
});

const run = (...more: string[]): ReturnType<typeof espalier> =>
  espalier(['debug', at('model.onnx'), '--data', at('images.npy'), '--recipe', at('tensor.json'), ...more]);

describe('debug', () => {
  test('names the worst layer and why', async () => {
    const { code, stdout } = await run('--json');
    expect(code).toBe(0);
    const said = JSON.parse(stdout);
    const [worst] = said.worst;
    const layer = said.layers.find(({ name }: { name: string }) => name === worst);
    const kinds = said.layers.flatMap(({ findings }: { findings: { kind: string }[] }) =>
      findings.map(({ kind }) => kind),
    );
    expect(kinds).toContain('narrow-channel');
    // Nothing costs the outputs more alone.
    const alone = said.layers.map(({ aloneDb }: { aloneDb: number }) => Number(aloneDb));
    expect(Number(layer.aloneDb)).toBe(Math.min(...alone));
  });

  test('prints a table and a story', async () => {
    const { code, stdout } = await run();
    expect(code).toBe(0);
    expect(stdout).toMatch(/layer +operator +SQNR +cosine +clipped +alone/);
    expect(stdout).toMatch(/narrow-channel: .* of 16 output channels take fewer than 8 codes/);
  });

  test('--report is a page with the SQNR and the clipped share of each layer', async () => {
    const { code, stdout } = await run('--report', at('debug.html'));
    expect(code).toBe(0);
    expect(stdout).toMatch(/report: .*debug\.html/);
    const page = await readFile(at('debug.html'), 'utf8');
    expect(page).not.toMatch(/<script|(src|href)=|https?:\/\//);
    for (const heading of ['Which layers do the harm', 'SQNR of each layer', 'Clipped values', 'Do it again'])
      expect(page).toContain(`<h2>${heading}</h2>`);
    const [, signals = ''] = page.split('<h2>SQNR of each layer</h2>');
    for (const name of ['relu_out', 'scores']) expect(signals).toContain(`title="${name}"`);
    expect(page).toContain(`espalier debug`);
  });

  test('--fix keeps what helps, and its recipe repeats it', async () => {
    const { code, stdout } = await run('--fix', '--json', '-o', at('mended.json'));
    expect(code).toBe(0);
    const said = JSON.parse(stdout);
    expect(said.mended.outputSqnrDb).toBeGreaterThan(said.outputSqnrDb + 3);
    const recipe = JSON.parse(await readFile(at('mended.json'), 'utf8'));
    expect(recipe).toEqual(said.recipe);
    expect(recipe.steps[0]).toBe('fuse');
    const kept = said.trials.filter(({ kept }: { kept: boolean }) => kept);
    expect(kept.length).toBeGreaterThan(0);

    const files = ['--calibration', at('images.npy'), '--data', at('images.npy')];
    const again = await espalier([
      'compress',
      at('model.onnx'),
      '-o',
      at('mended.espalier'),
      '--recipe',
      at('mended.json'),
      ...files,
      '--json',
    ]);
    expect(again.code).toBe(0);
    expect(JSON.parse(again.stdout).quality.outputSqnrDb).toBeCloseTo(said.quality.after.outputSqnrDb, 9);
  });

  test.each([
    { what: 'without data', argv: ['debug', 'model.onnx'], told: /--data/ },
    {
      what: 'with a recipe that does not quantize',
      argv: ['debug', 'model.onnx', '--data', 'images.npy', '--recipe', 'prune.json'],
      told: /does not quantize activations/,
    },
  ])('is refused $what', async ({ argv, told }) => {
    const ran = await espalier(argv.map((word) => (word.includes('.') ? at(word) : word)));
    expect(ran.code).toBe(1);
    expect(ran.stderr).toMatch(told);
  });
});
