import { runChain, type Stage } from '../lenet/chain.js';
import { asSvg, type Series } from '../plot.js';
import { formatCount, type Reproduction } from '../table.js';
import { ablation, IMAGES, training } from './training.js';

const initialisations = ['linear', 'density', 'random'] as const;
const bits = [1, 2, 3, 4, 5, 6] as const;
const density = { 'fc1.weight': 0.08, 'fc2.weight': 0.09, 'fc3.weight': 0.26 };

/** One point of the plot. */
interface Point {
  readonly init: (typeof initialisations)[number];
  readonly bits: number;
  /** Behind k-means alone. */
  readonly untrainedErrorPercent: number;
  /** Behind one epoch of training the centroids. */
  readonly errorPercent: number;
}

/** Three ways to begin k-means, before and after the centroids are trained. Deep Compression, figure 8. */
export async function firstCentroids(): Promise<Reproduction> {
  const { model, run } = await ablation();
  const retrain = { ...training(4), ramp: 0.5 };
  const pruned = (await runChain(model, [{ pass: 'prune', options: { density, retrain } }], run)).stages.at(
    -1,
  );
  const points: Point[] = [];
  for (const init of initialisations) {
    for (const width of bits) {
      const shared = async (more: object): Promise<Stage | undefined> => {
        const step = { pass: 'share-weights', options: { bits: width, init, ...more } };
        return (await runChain(pruned?.model ?? model, [step], run)).stages.at(-1);
      };
      const point: Point = {
        init,
        bits: width,
        untrainedErrorPercent: (await shared({}))?.errorPercent ?? Number.NaN,
        errorPercent: (await shared({ finetune: training(1, 3e-4) }))?.errorPercent ?? Number.NaN,
      };
      points.push(point);
      console.error(JSON.stringify(point));
    }
  }
  return pageOf(points);
}

function pageOf(points: readonly Point[]): Reproduction {
  const series = initialisations.flatMap((init): readonly Series[] => {
    const own = points.filter((point) => point.init === init);
    return [
      { name: `${init}, trained`, points: own.map((point) => [point.bits, point.errorPercent] as const) },
      {
        name: `${init}, k-means only`,
        points: own.map((point) => [point.bits, point.untrainedErrorPercent] as const),
      },
    ];
  });
  const svg = asSvg({
    title: 'LeNet-300-100, pruned: error by the first centroids',
    x: { label: 'bits of an index', ticks: [1, 2, 3, 4, 5, 6] },
    y: { label: 'test error, %', ticks: [0, 1, 2, 3, 4, 5, 6] },
    series,
  });
  return {
    title: 'Where k-means begins',
    notes: [
      `Figure 8 of Deep Compression on LeNet-300-100, pruned to 8 %, 9 % and 26 % and retrained for four epochs. Then k-means, then one epoch of training the centroids; all on ${formatCount(IMAGES)} of the training images. Errors above 6 % are drawn at 6.`,
    ],
    head: ['first centroids', 'bits', 'k-means only', 'trained'],
    cells: points.map((point) => [
      point.init,
      String(point.bits),
      `${point.untrainedErrorPercent.toFixed(2)} %`,
      `${point.errorPercent.toFixed(2)} %`,
    ]),
    figures: [{ file: 'first-centroids.svg', caption: 'Error by the first centroids', svg }],
    data: points,
  };
}
