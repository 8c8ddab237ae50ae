// What pruning makes of the speed of a model: its time at some densities over the time unpruned, float32 and int8.
//
//     node dist/pruned.js MODEL [density,density]
//
// MODEL is an ONNX file, or one of the networks of the benchmark. Weights are cut without retraining: times are
// those of any model pruned as far, answers are not.

import { readFileSync } from 'node:fs';
import { createRandom, elementCount, type Model, memoryDataset, type Step, Tensor } from '@espalier/core';
import { readOnnx } from '@espalier/onnx';
import { prune } from '@espalier/plugin-prune';
import { quantize } from '@espalier/plugin-quantize';
import { createCompressor } from '@espalier/presets';
import { InferenceSession } from '@espalier/runtime';
import { findNetworks } from './networks/networks.js';

const ROUNDS = 15;
const SLOT_MS = 20;

interface Contender {
  readonly label: string;
  readonly session: InferenceSession;
  readonly times: number[];
}

/** Random inputs of the model's shapes. */
function randomFeeds(model: Model, batch: number): Record<string, Tensor> {
  const random = createRandom(5);
  const entries = model.graph.inputs.map(({ name, type }) => {
    const rest = (type?.dims ?? []).slice(1).map((dim) => (typeof dim === 'number' ? dim : 1));
    const dims = [batch, ...rest];
    const data = Float32Array.from({ length: elementCount(dims) }, () => random.next() * 2 - 1);
    return [name, new Tensor('float32', data, dims)] as const;
  });
  return Object.fromEntries(entries);
}

async function compressed(source: Model, density: number, isInt8: boolean): Promise<Model> {
  const steps: Step[] = [{ pass: 'fold-batch-norm', options: {} }];
  if (density < 1) steps.push(prune({ density }));
  if (isInt8) steps.push(quantize({ samples: 4, batchSize: 1 }));
  const data = { calibration: memoryDataset('random', randomFeeds(source, 4)) };
  return (await createCompressor().run(source, steps, { data, driftSamples: 0 })).model;
}

async function sourceOf(name: string): Promise<Model> {
  if (name.endsWith('.onnx')) return await readOnnx(readFileSync(name));
  const [network] = findNetworks([name]);
  if (network === undefined) throw new RangeError(`There is no network "${name}".`);
  return network.make();
}

function median(times: readonly number[]): number {
  return [...times].sort((a, b) => a - b)[times.length >> 1] ?? 0;
}

async function main(name: string, densities: readonly number[]): Promise<void> {
  const source = await sourceOf(name);
  for (const type of ['float32', 'int8']) {
    const contenders: Contender[] = [];
    for (const density of [1, ...densities]) {
      const model = await compressed(source, density, type === 'int8');
      const session = await InferenceSession.create(model);
      const sparse = session.plan.filter((line) => line.sparse).length;
      const products = session.plan.filter(({ op }) => ['Conv', 'Gemm', 'MatMul'].includes(op)).length;
      contenders.push({
        label: `density ${density}: ${sparse} of ${products} layers sparse`,
        session,
        times: [],
      });
    }
    const feeds = randomFeeds(source, 1);
    for (let round = 0; round < ROUNDS; round++) {
      for (const { session, times } of contenders) {
        const start = performance.now();
        let count = 0;
        for (; performance.now() - start < SLOT_MS; count++) await session.run(feeds);
        times.push((performance.now() - start) / count);
      }
    }
    const dense = median(contenders[0]?.times ?? []);
    for (const { label, times } of contenders) {
      const one = median(times);
      console.log(
        `${type.padEnd(8)} ${label.padEnd(40)} ${one.toFixed(3)} ms, ${(dense / one).toFixed(2)} x`,
      );
    }
  }
}

const [name, densities = '0.3,0.2,0.1,0.05'] = process.argv.slice(2);
if (name === undefined) throw new Error('Say which model: an ONNX file, or a network of the benchmark.');
await main(name, densities.split(',').map(Number));
