// What a Deep Compression file of 61 million weights takes to load and to run: seconds, memory.
//
//     node dist/alexnet/loading.js FILE [density] [seed]
//
// Makes the file in a process of its own where it is not there: density 1 shares the weights only. 30 s.

import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { espalier, readEspalier, writeEspalier } from '@espalier/container';
import { Compressor, coreEncodings, createRandom, type Step, Tensor } from '@espalier/core';
import { huffman, huffmanKind } from '@espalier/plugin-huffman';
import { prune } from '@espalier/plugin-prune';
import { shareWeights } from '@espalier/plugin-share-weights';
import { InferenceSession } from '@espalier/runtime';
import { alexNetOfNoise } from './model.js';

const BITS = 5;
const RUNS = 9;

async function makeFile(path: string, density: number, seed: number): Promise<void> {
  const compressor = new Compressor({ plugins: [espalier, prune, shareWeights, huffman] });
  const steps: Step[] = density < 1 ? [prune({ density })] : [];
  const passes = [...steps, shareWeights({ bits: BITS }), huffman()];
  const { model } = await compressor.run(alexNetOfNoise(seed), passes, { seed });
  writeFileSync(path, writeEspalier(model));
}

function image(): Tensor {
  const random = createRandom(7);
  const dims = [1, 3, 227, 227];
  return new Tensor(
    'float32',
    Float32Array.from({ length: 3 * 227 * 227 }, () => random.next() * 2 - 1),
    dims,
  );
}

async function load(path: string): Promise<void> {
  const bytes = readFileSync(path);
  const feeds = { image: image() };
  const before = process.resourceUsage().maxRSS;
  const start = performance.now();
  const model = readEspalier(bytes, { encodings: [...coreEncodings, huffmanKind] });
  const read = performance.now();
  const session = await InferenceSession.create(model);
  const created = performance.now();
  await session.run(feeds);
  const ran = performance.now();
  const times: number[] = [];
  for (let i = 0; i < RUNS; i++) {
    const at = performance.now();
    await session.run(feeds);
    times.push(performance.now() - at);
  }
  times.sort((a, b) => a - b);
  const peak = (process.resourceUsage().maxRSS - before) / 1024;
  const now = process.memoryUsage();
  const ms = (from: number, to: number): string => `${(to - from).toFixed(0)} ms`;
  console.log(
    `${bytes.length} bytes: read ${ms(start, read)}, create ${ms(read, created)}, first run ${ms(created, ran)}`,
  );
  console.log(
    `later runs ${(times[RUNS >> 1] ?? 0).toFixed(1)} ms (least ${(times[0] ?? 0).toFixed(1)}); ` +
      `peak ${peak.toFixed(0)} MiB over the start, ${(now.rss / 2 ** 20).toFixed(0)} MiB resident now`,
  );
  for (const { node, sparse } of session.plan) if (sparse) console.log(`  ${node}: sparse`);
  const { nodes } = await session.profile(feeds, { runs: 5 });
  for (const { node, kernels, ms: spent } of nodes)
    if (spent > 0.2) console.log(`  ${node.padEnd(12)} ${spent.toFixed(2)} ms  ${kernels.join(', ')}`);
}

const [path, density = '0.11', seed = '1', make] = process.argv.slice(2);
if (path === undefined) throw new Error('Say where the file is, or where it is to be made.');
if (make !== undefined) await makeFile(path, Number(density), Number(seed));
else {
  if (!existsSync(path))
    spawnSync(process.execPath, [fileURLToPath(import.meta.url), path, density, seed, 'make'], {
      stdio: 'inherit',
    });
  await load(path);
}
