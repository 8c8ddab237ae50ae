import type { RecipeStep } from '@espalier/core';
import { runChain, type Stage } from '../lenet/chain.js';
import { asSvg, type Series } from '../plot.js';
import { formatCount, type Reproduction } from '../table.js';
import { ablation, IMAGES, training } from './training.js';

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
  const { model, run } = await ablation();
  const points: Point[] = [];
  let original: Stage | undefined;
  const add = (series: string, setting: string, stages: readonly Stage[]): void => {
    original ??= stages[0];
    const last = stages.at(-1);
    if (original === undefined || last === undefined) return;
    const { fileBytes, errorPercent } = last;
    const sizePercent = (100 * fileBytes) / original.fileBytes;
    points.push({ series, setting, fileBytes, sizePercent, errorPercent });
    console.error(
      `${series}, ${setting}: ${formatCount(fileBytes)} bytes, ${errorPercent.toFixed(2)} % wrong`,
    );
  };
  for (const width of bits) {
    add('shared', `${width} bits`, (await runChain(model, [sharedIn(width), 'huffman'], run)).stages);
  }
  for (const density of densities) {
    // Pruned once for both series.
    const pruned = (await runChain(model, [prunedTo(density)], run)).stages.at(-1)?.model ?? model;
    add('pruned', `${100 * density} % kept`, (await runChain(pruned, ['huffman'], run)).stages);
    const both = await runChain(pruned, [sharedIn(BITS_OF_BOTH), 'huffman'], run);
    add('pruned and shared', `${100 * density} % kept, ${BITS_OF_BOTH} bits`, both.stages);
  }
  return pageOf(points, original);
}

/** Pruned and retrained over three epochs. */
function prunedTo(density: number): RecipeStep {
  const kept = { 'fc1.weight': density, 'fc2.weight': density, 'fc3.weight': Math.min(1, 4 * density) };
  return { pass: 'prune', options: { density: kept, retrain: { ...training(3), ramp: 0.6 } } };
}

/** Shared, and trained for an epoch. */
function sharedIn(bits: number): RecipeStep {
  return { pass: 'share-weights', options: { bits, finetune: training(1, 3e-4) } };
}

function pageOf(points: readonly Point[], original: Stage | undefined): Reproduction {
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
      `Figure 6 of Deep Compression on LeNet-300-100 (float32: ${original?.errorPercent.toFixed(2)} % wrong, ${formatCount(original?.fileBytes ?? 0)} bytes). Pruned networks are retrained for three epochs, shared values trained for one, both on ${formatCount(IMAGES)} of the training images; all are Huffman coded. Bytes are of whole files. Errors above 5 % are drawn at 5.`,
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
