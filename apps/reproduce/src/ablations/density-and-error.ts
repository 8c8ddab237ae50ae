import type { Model, RecipeStep } from '@espalier/core';
import { adam, cosine, softmaxCrossEntropy, Trainer } from '@espalier/train';
import { type ChainRun, runChain } from '../lenet/chain.js';
import { digitsFor, shiftDigits } from '../lenet/digits-for.js';
import { lenet300 } from '../lenet/models.js';
import { asSvg, type Series } from '../plot.js';
import { formatCount, type Reproduction } from '../table.js';
import { ablation, IMAGES, training } from './training.js';

const densities = [0.4, 0.2, 0.1, 0.06, 0.03] as const;
const EPOCHS = 3;

/** How the network was trained before, and what is done once weights are gone. */
interface Curve {
  readonly name: string;
  readonly penalty: 'l1' | 'l2';
  readonly retrain: 'none' | 'once' | 'iterative';
}

const curves: readonly Curve[] = [
  { name: 'L1, not retrained', penalty: 'l1', retrain: 'none' },
  { name: 'L2, not retrained', penalty: 'l2', retrain: 'none' },
  { name: 'L1, retrained', penalty: 'l1', retrain: 'once' },
  { name: 'L2, retrained', penalty: 'l2', retrain: 'once' },
  { name: 'L2, pruned and retrained in rounds', penalty: 'l2', retrain: 'iterative' },
];

/** Factors at which both penalties cost the dense network about as little. */
const penalties = { l1: { l1: 1e-5 }, l2: { l2: 1e-4 } } as const;

/** One point of the plot. */
interface Point {
  readonly curve: string;
  readonly density: number;
  readonly errorPercent: number;
}

/** Error against density, with and without retraining, by L1 and L2. Han et al. 2015, figure 5. */
export async function densityAndError(): Promise<Reproduction> {
  const { model, run } = await ablation();
  const start = { l1: await trainedOn(model, 'l1', run), l2: await trainedOn(model, 'l2', run) };
  const points: Point[] = [];
  for (const curve of curves) {
    for (const density of densities) {
      const { stages } = await runChain(start[curve.penalty], [prunedTo(curve, density)], run);
      const point = { curve: curve.name, density, errorPercent: stages.at(-1)?.errorPercent ?? Number.NaN };
      points.push(point);
      console.error(JSON.stringify(point));
    }
  }
  return pageOf(points);
}

/** The network trained on under one of the penalties, with nothing pruned. */
async function trainedOn(model: Model, penalty: Curve['penalty'], { mnist, seed }: ChainRun): Promise<Model> {
  const trained = model.clone();
  const trainer = await Trainer.create(trained, {
    loss: softmaxCrossEntropy(),
    optimizer: adam({ learningRate: 1e-3 }),
    seed,
    ...penalties[penalty],
  });
  await trainer.fit(digitsFor(lenet300, mnist.train), {
    epochs: EPOCHS,
    schedule: cosine({ floor: 0.01 }),
    augment: shiftDigits(1),
  });
  trainer.writeBack();
  trainer.release();
  return trained;
}

/** One density in every layer but the last, which has few weights and keeps more. */
function prunedTo({ penalty, retrain }: Curve, density: number): RecipeStep {
  const kept = { 'fc1.weight': density, 'fc2.weight': density, 'fc3.weight': Math.min(1, 3 * density) };
  if (retrain === 'none') return { pass: 'prune', options: { density: kept } };
  const rounds = { schedule: retrain, rounds: EPOCHS };
  const options = { ...training(EPOCHS), ...penalties[penalty], ...rounds };
  return { pass: 'prune', options: { density: kept, retrain: options } };
}

function pageOf(points: readonly Point[]): Reproduction {
  const series = curves.map(
    ({ name }): Series => ({
      name,
      points: points
        .filter(({ curve }) => curve === name)
        .map(({ density, errorPercent }) => [100 * density, errorPercent] as const),
    }),
  );
  const svg = asSvg({
    title: 'LeNet-300-100: error against density',
    x: { label: 'weights kept, %', ticks: [2, 5, 10, 20, 40], logarithmic: true },
    y: { label: 'test error, %', ticks: [0, 1, 2, 3, 4, 5, 6] },
    series,
  });
  const error = (curve: string, density: number): string => {
    const point = points.find((one) => one.curve === curve && one.density === density);
    return point === undefined ? '' : `${point.errorPercent.toFixed(2)} %`;
  };
  return {
    title: 'Pruning with and without retraining',
    notes: [
      `Figure 5 of Han et al. 2015 on LeNet-300-100. The network is trained for ${EPOCHS} more epochs under L1 (1e-5) or L2 (1e-4), then pruned to the density in its first two layers and to three times that in the last; where it is retrained, for ${EPOCHS} epochs under the same penalty: at once, or in ${EPOCHS} rounds. All on ${formatCount(IMAGES)} of the training images. Errors are of the 10,000 test images; those above 6 % are drawn at 6.`,
    ],
    head: ['weights kept', ...curves.map(({ name }) => name)],
    cells: densities.map((density) => [
      `${Math.round(100 * density)} %`,
      ...curves.map(({ name }) => error(name, density)),
    ]),
    figures: [{ file: 'density-and-error.svg', caption: 'Error against density', svg }],
    data: points,
  };
}
