import { existsSync, readFileSync, statSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { espalier, temporaryFolder } from './command-line.js';

const shared = fileURLToPath(new URL('../../../../shared/', import.meta.url));
const model = `${shared}models/resnet20-cifar10.onnx`;
const cifar = `${shared}data/cifar10`;
const missing = !existsSync(model) || !existsSync(`${cifar}/test-images.npy`);
if (missing) console.info(`skipped: ${model} and its data are not here`);

const normalised = ['--mean', '0.485,0.456,0.406', '--std', '0.229,0.224,0.225'];
const held = ['--data', `${cifar}/test-images.npy`, '--labels', `${cifar}/test-labels.npy`, ...normalised];

describe.skipIf(missing)('ResNet-20 on real CIFAR-10', () => {
  const at = temporaryFolder();

  test('inspect finds what its description says', async () => {
    const { stdout } = await espalier(['inspect', model, '--json']);
    const report = JSON.parse(stdout);
    expect(report).toMatchObject({
      sizeBytes: 1_098_143,
      nodes: 73,
      operators: { Conv: 19, BatchNormalization: 19 },
    });
    expect(report.macs / 1e6).toBeCloseTo(40.55, 1);
  });

  // All 2000 are counted below, and in the runtime's own test.
  test('run gets 183 of the first 200 right', async () => {
    const { stdout } = await espalier(['run', model, ...held, '--limit', '200', '--json']);
    expect(JSON.parse(stdout).top1).toEqual({ right: 183, of: 200 });
  });

  test('compress by a recipe file, judged on 200 images, with a report', async () => {
    const steps = [
      { pass: 'prune', options: { density: 0.6 } },
      { pass: 'share-weights', options: { bits: 6 } },
      'huffman',
    ];
    await writeFile(at('recipe.json'), JSON.stringify({ steps }));
    const out = at('small.espalier');
    const ran = await espalier([
      ...['compress', model, '-o', out, '-r', at('recipe.json'), ...held],
      ...['--limit', '200', '--report', at('report.html'), '--json'],
    ]);
    expect(ran.code).toBe(0);
    const report = JSON.parse(ran.stdout);
    expect(report.after.sizeBytes).toBe(statSync(out).size);
    expect(report.passes.at(-1).sizeBytes).toBe(statSync(out).size);
    // 6 bits an index, 60 % of the weights and their places: below a quarter of float32.
    expect(report.compressionRatio).toBeGreaterThan(4);
    // The first 200 images: 183 right in float, two standard deviations of 200 draws are 8.
    expect(report.quality).toMatchObject({ samples: 200, top1: { before: 183 } });
    expect(report.quality.top1.after).toBeGreaterThan(175);
    expect(report.layers).toHaveLength(20);
    const page = readFileSync(at('report.html'), 'utf8');
    expect(page.match(/<svg class="histogram"/g)).toHaveLength(20);
    expect(page).not.toMatch(/NaN|undefined/);
  });

  async function rightOf200(prune: object): Promise<number> {
    const steps = ['fuse', 'fold-batch-norm', { pass: 'prune', options: prune }];
    await writeFile(at('recipe.json'), JSON.stringify({ steps }));
    const to = ['-o', at('pruned.espalier'), '--force', '-r', at('recipe.json')];
    const { stdout } = await espalier(['compress', model, ...to, ...held, '--limit', '200', '--json']);
    return JSON.parse(stdout).quality.top1.after;
  }

  test('of 30 % of the weights more stay right by magnitudes relative to their layer than by the same share of each', async () => {
    const [layer, lamp] = [
      await rightOf200({ density: 0.3 }),
      await rightOf200({ density: 0.3, scope: 'lamp' }),
    ];
    // Of 500 images 217 and 308.
    expect(lamp).toBeGreaterThan(layer + 20);
  });

  test('half of the channels make a quarter of the bytes', async () => {
    const steps = ['fuse', 'fold-batch-norm', { pass: 'prune-channels', options: { density: 0.5 } }];
    await writeFile(at('recipe.json'), JSON.stringify({ steps }));
    const ran = await espalier([
      ...['compress', model, '-o', at('narrow.onnx'), '-r', at('recipe.json'), '--json'],
    ]);
    expect(ran.code).toBe(0);
    const [, , narrowed] = JSON.parse(ran.stdout).passes;
    expect(narrowed.statistics['channels.removed']).toBe(200);
    expect(statSync(at('narrow.onnx')).size / statSync(model).size).toBeLessThan(0.27);
    const { stdout } = await espalier(['inspect', at('narrow.onnx'), '--json']);
    // A quarter of 40.55, and half of the first layer's.
    expect(JSON.parse(stdout).macs / 1e6).toBeLessThan(10.5);
  });

  test('recipe int8 keeps 1820 of 2000 right in at most 0.27 of the bytes', async () => {
    const out = at('int8.espalier');
    const calibration = ['--calibration', `${cifar}/calib-images.npy`];
    const ran = await espalier([
      'compress',
      model,
      '-o',
      out,
      '-r',
      'int8',
      ...calibration,
      ...held,
      '--json',
    ]);
    expect(ran.code).toBe(0);
    const report = JSON.parse(ran.stdout);
    expect(report.quality.top1.before).toBe(1829);
    expect(report.quality.top1.after).toBeGreaterThanOrEqual(1820);
    expect(statSync(out).size / statSync(model).size).toBeLessThanOrEqual(0.27);
  });
});
