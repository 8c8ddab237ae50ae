import type { ReportPlot, ReportSeries } from '@espalier/core';
import { type Html, html, nothing } from './html.js';

export type Extent = readonly [least: number, most: number];

const WIDTH = 256;
const HEIGHT = 80;

/** From the least to the most of each coordinate over all curves; of some length also where all are equal. */
export function extents({ series }: ReportPlot): { readonly x: Extent; readonly y: Extent } {
  const points = series.flatMap((one) => one.points);
  const marked = series.flatMap((one) => (one.marked === undefined ? [] : [one.marked]));
  return { x: extent([...points.map(([x]) => x), ...marked]), y: extent(points.map(([, y]) => y)) };
}

function extent(numbers: readonly number[]): Extent {
  const finite = numbers.filter(Number.isFinite);
  if (finite.length === 0) return [0, 1];
  const [least, most] = [Math.min(...finite), Math.max(...finite)];
  return least === most ? [least, least + 1] : [least, most];
}

/** One curve, with a line down from what is marked. */
export function curveChart({ name, points, marked }: ReportSeries, x: Extent, y: Extent): Html {
  const across = (value: number): number => place(value, x) * WIDTH;
  const line = points
    .filter(([px, py]) => Number.isFinite(px) && Number.isFinite(py))
    .map(([px, py], i) => `${i === 0 ? 'M' : 'L'}${round(across(px))} ${round((1 - place(py, y)) * HEIGHT)}`);
  // A path of one point is not drawn: a short line is.
  if (line.length === 1) line.push('h2');
  const mark =
    marked === undefined ? nothing : html`<path class="mark" d="M${round(across(marked))} 0V${HEIGHT}"/>`;
  return html`<svg class="curve" viewBox="-2 -2 ${WIDTH + 4} ${HEIGHT + 4}" preserveAspectRatio="none" role="img" aria-label="Curve of ${name}"><path class="axis" d="M0 ${HEIGHT}H${WIDTH}"/>${mark}<path class="line" d="${line.join('')}"/></svg>`;
}

function place(value: number, [least, most]: Extent): number {
  return (value - least) / (most - least);
}

function round(x: number): number {
  return Math.round(x * 100) / 100;
}
