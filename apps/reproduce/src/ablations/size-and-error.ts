import { huffman } from '@espalier/plugin-huffman';
import { prune } from '@espalier/plugin-prune';
import { shareWeights } from '@espalier/plugin-share-weights';
import { readBaseline } from '../lenet/baselines.js';
import { type ChainStep, pass, runChain, type Stage } from '../lenet/chain.js';
import { lenet300 } from '../lenet/models.js';
import { pruneAndRetrain, type TrainingRun } from '../lenet/prune-and-retrain.js';
import { trainCentroids } from '../lenet/train-centroids.js';
import { loadMnist } from '../mnist/mnist.js';
import { asSvg, type Series } from '../plot.js';
import { formatCount, type Reproduction } from '../table.js';

const densities = [0.3, 0.16, 0.08, 0.04, 0.02, 0.01] as const;
const bits = [8, 6, 4, 3, 2, 1] as const;
const BITS_OF_BOTH = 4;

/** One point of the plot. */
interface Point {
  readonly series: string;
  readonly setting: string;
  readonly fileBytes: number;
  /** Whole file over the whole float32 file. */
  readonly sizePercent: number;
  readonly errorPercent: number;
}

/** Pruning alone, sharing alone, and both: error against size. Deep Compression, figure 6. */
export async function sizeAndError(): Promise<Reproduction> {
  const { model } = await readBaseline(lenet300);
  const run: TrainingRun = { network: lenet300, mnist: await loadMnist(), seed: 1 };
  const original = (await runChain(model, [], run))[0] as Stage; // the float model itself
  const points: Point[] = [];
  const add = (series: string, setting: string, stages: readonly Stage[]): void => {
    const { fileBytes, errorPercent } = stages.at(-1) ?? original;
    const sizePercent = (100 * fileBytes) / original.fileBytes;
    points.push({ series, setting, fileBytes, sizePercent, errorPercent });
    console.error(
      `${series}, ${setting}: ${formatCount(fileBytes)} bytes, ${errorPercent.toFixed(2)} % wrong`,
    );
  };
  for (const density of densities) {
    const pruned = await runChain(model, [prunedTo(density)], run);
    const base = pruned.at(-1) ?? original;
    add('pruned', `${100 * density} % kept`, await runChain(base.model, [pass(huffman())], run));
    const both = await runChain(base.model, [...sharing(BITS_OF_BOTH), pass(huffman())], run);
    add('pruned and shared', `${100 * density} % kept, ${BITS_OF_BOTH} bits`, both);
  }
  for (const width of bits) {
    add('shared', `${width} bits`, await runChain(model, [...sharing(width), pass(huffman())], run));
  }
  return pageOf(points, original);
}

/** Pruned and retrained over three epochs. */
function prunedTo(density: number): ChainStep {
  const wanted = { 'fc1.weight': density, 'fc2.weight': density, 'fc3.weight': Math.min(1, 4 * density) };
  return {
    name: 'prune, retrain',
    async run(model, run) {
      const settings = { density: wanted, epochs: 3, ramp: 2, learningRate: 1e-3, shift: 1 };
      return pass(prune({ density: wanted })).run(await pruneAndRetrain(model, settings, run), run);
    },
  };
}

/** Shared, and trained for an epoch. */
function sharing(width: number): readonly ChainStep[] {
  return [
    pass(shareWeights({ bits: width })),
    {
      name: 'train centroids',
      run: (model, run) =>
        trainCentroids(model, { epochs: 1, learningRate: 3e-4, shift: 1, biases: true }, run),
    },
  ];
}

function pageOf(points: readonly Point[], original: Stage): Reproduction {
  const names = ['pruned', 'shared', 'pruned and shared'];
  const series: Series[] = names.map((name) => ({
    name,
    points: points
      .filter((point) => point.series === name)
      .map(({ sizePercent, errorPercent }) => [sizePercent, errorPercent] as const)
      .sort(([a], [b]) => a - b),
  }));
  const svg = asSvg({
    title: 'LeNet-300-100: error against size',
    x: { label: 'size of the file, % of float32', ticks: [0.5, 1, 2, 5, 10, 20, 50], logarithmic: true },
    y: { label: 'test error, %', ticks: [0, 1, 2, 3, 4, 5] },
    series,
  });
  return {
    title: 'Pruning, sharing, and both',
    notes: [
      `Figure 6 of Deep Compression on LeNet-300-100 (float32: ${original.errorPercent.toFixed(2)} % wrong, ${formatCount(original.fileBytes)} bytes). Pruned networks are retrained for three epochs, shared values trained for one, all are Huffman coded; bytes are of whole files. Errors above 5 % are drawn at 5.`,
    ],
    head: ['what', 'setting', 'file bytes', 'of float32', 'test error'],
    cells: points.map((point) => [
      point.series,
      point.setting,
      formatCount(point.fileBytes),
      `${point.sizePercent.toFixed(2)} %`,
      `${point.errorPercent.toFixed(2)} %`,
    ]),
    figures: [{ file: 'size-and-error.svg', caption: 'Error against size', svg }],
    data: points,
  };
}
