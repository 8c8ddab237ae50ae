import type { JSX } from 'preact';
import { count } from '../shell/format.js';

/** What a histogram of weights shows. */
export interface HistogramProps {
  readonly bins: readonly number[];
  readonly least: number;
  readonly most: number;
  /** Magnitudes below it are pruned; 0 for none. */
  readonly threshold: number;
  readonly centroids: readonly number[];
  readonly label: string;
}

const WIDTH = 480;
const HEIGHT = 150;
const FOOT = 26;

/** Counts of weights, what is pruned of them faint, with a dot for each shared value. */
export function Histogram({ bins, least, most, threshold, centroids, label }: HistogramProps): JSX.Element {
  // Most weights are small: a root keeps the flanks to be seen.
  const tallest = Math.sqrt(Math.max(1, ...bins));
  const step = WIDTH / bins.length;
  const at = (value: number): number => ((value - least) / (most - least || 1)) * WIDTH;
  const middleOf = (i: number): number => least + ((i + 0.5) / bins.length) * (most - least);
  return (
    <svg class="histogram" viewBox={`0 0 ${WIDTH} ${HEIGHT + FOOT}`} role="img" aria-label={label}>
      {bins.map((bin, i) => {
        const height = (Math.sqrt(bin) / tallest) * HEIGHT;
        const isPruned = Math.abs(middleOf(i)) < threshold;
        return (
          <rect
            key={i}
            class={isPruned ? 'bin bin-pruned' : middleOf(i) < 0 ? 'bin bin-negative' : 'bin'}
            x={i * step}
            y={HEIGHT - height}
            width={Math.max(0.5, step - 1)}
            height={height}
          />
        );
      })}
      <line class="axis" x1={0} x2={WIDTH} y1={HEIGHT + 0.5} y2={HEIGHT + 0.5} />
      {centroids.length <= 256 &&
        centroids.map((centroid) => (
          <g key={centroid}>
            <line class="centroid-stem" x1={at(centroid)} x2={at(centroid)} y1={HEIGHT - 6} y2={HEIGHT + 6} />
            <circle class="centroid" cx={at(centroid)} cy={HEIGHT + 9} r={centroids.length > 64 ? 2 : 3.2} />
          </g>
        ))}
      <text class="tick" x={0} y={HEIGHT + FOOT - 1}>
        {least.toFixed(2)}
      </text>
      <text class="tick" x={WIDTH} y={HEIGHT + FOOT - 1} text-anchor="end">
        {most.toFixed(2)}
      </text>
    </svg>
  );
}

/** The sentence under a histogram. */
export function histogramText(elements: number, density: number, centroids: number): string {
  const kept =
    density < 1 ? `${count(Math.round(elements * density))} of ${count(elements)}` : count(elements);
  return centroids > 0 ? `${kept} weights, ${centroids} values` : `${kept} weights`;
}
