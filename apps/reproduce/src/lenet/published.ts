import { asSvg, type Series } from '../plot.js';
import type { Figure } from '../table.js';
import type { Network } from './models.js';

/** What others reached on the same network: [times smaller, test error in percent]. */
const published: Readonly<Record<Network['name'], readonly Series[]>> = {
  'lenet-300-100': [
    { name: 'Deep Compression, 2016', points: [[40, 1.58]] },
    { name: 'Network surgery, 2016', points: [[56, 1.99]] },
    { name: 'Soft weight-sharing, 2017', points: [[64, 1.94]] },
    { name: 'Entropy-penalized, 2020', points: [[124, 1.9]] },
  ],
  'lenet-5': [
    { name: 'Deep Compression, 2016', points: [[39, 0.74]] },
    { name: 'Network surgery, 2016', points: [[108, 0.91]] },
    { name: 'Soft weight-sharing, 2017', points: [[162, 0.97]] },
    { name: 'Entropy-penalized, 2020', points: [[606, 1]] },
    {
      name: 'MIRACLE, 2019',
      points: [
        [555, 0.69],
        [1110, 0.96],
      ],
    },
  ],
};

/**
 * Our seeds among published results. Ours count whole files and so do MIRACLE and the entropy-penalized networks;
 * the others count weights, indices and codebooks.
 *
 * Sources: Han et al. 2016 (arXiv:1510.00149), table 1; Guo et al. 2016 (arXiv:1608.04493) and Ullrich et al. 2017
 * (arXiv:1702.04008), table 1 of the latter; Havasi et al. 2019 (arXiv:1810.00440), table 1; Oktay et al. 2020
 * (arXiv:1906.06624).
 */
export function amongPublished(
  network: Network,
  table: string,
  ours: readonly (readonly [ratio: number, error: number])[],
): Figure {
  const series: Series[] = [{ name: 'Espalier', points: ours }, ...published[network.name]];
  const svg = asSvg({
    title: `${network.title} on MNIST`,
    x: { label: 'times smaller than float32', ticks: [20, 50, 100, 200, 500, 1000, 2000], logarithmic: true },
    y: {
      label: 'test error, %',
      ticks: network.name === 'lenet-5' ? [0.4, 0.6, 0.8, 1, 1.2] : [1.2, 1.4, 1.6, 1.8, 2, 2.2],
    },
    series: series.map((one) => ({ ...one, scattered: true })),
  });
  return { file: `${table}.svg`, caption: 'Among published results', svg };
}
