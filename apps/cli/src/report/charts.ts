import { type Html, html, nothing } from './html.js';
import type { WeightHistogram } from './report-data.js';

/** Positions in percent: an SVG as wide as its column, whose text and strokes keep their size. */
function percent(fraction: number): string {
  return `${(Math.max(0, Math.min(1, fraction)) * 100).toFixed(2)}%`;
}

/** A step of the waterfall: what is left as a full bar, what went as a striped one. Lengths are 0 to 1. */
export function waterfallBar(before: number, after: number): Html {
  const gone =
    after < before
      ? html`<rect class="gone" x="${percent(after)}" y="3" width="${percent(before - after)}" height="16"/>`
      : nothing;
  const more =
    after > before
      ? html`<rect class="more" x="${percent(before)}" y="3" width="${percent(after - before)}" height="16"/>`
      : nothing;
  return html`<svg class="bar" height="22" aria-hidden="true"><rect class="left" y="3" width="${percent(Math.min(before, after))}" height="16" rx="2"/>${gone}${more}</svg>`;
}

/** Two bars on one line: before behind, after in front. Lengths are 0 to 1. */
export function pairBar(before: number, after: number): Html {
  return html`<svg class="bar" height="18" aria-hidden="true"><rect class="was" y="2" width="${percent(before)}" height="14" rx="2"/><rect class="left" y="5" width="${percent(after)}" height="8" rx="2"/></svg>`;
}

/** One bar of length 0 to 1; `weak` draws attention to it. */
export function singleBar(length: number, weak: boolean): Html {
  return html`<svg class="bar" height="18" aria-hidden="true"><rect class="${weak ? 'weak' : 'left'}" y="4" width="${percent(length)}" height="10" rx="2"/></svg>`;
}

const WIDTH = 256;
const HEIGHT = 80;
const TICKS = 8;

/** Before as an area, after as bars in front of it, centroids as ticks under the axis. Heights are square roots of counts. */
export function histogramChart(histogram: WeightHistogram): Html {
  const { name, min, max, before, after, centroids } = histogram;
  const tallest = Math.sqrt(Math.max(1, ...before, ...after));
  const height = (count: number): number => (Math.sqrt(count) / tallest) * HEIGHT;
  const step = WIDTH / before.length;
  const area = before.map((count, i) => `V${y(height(count))}H${round((i + 1) * step)}`).join('');
  const bars = after
    .map((count, i) => (count === 0 ? '' : `M${round(i * step + step / 2)} ${HEIGHT}V${y(height(count))}`))
    .join('');
  const ticks = centroids
    .map((c) => `M${round(((c - min) / (max - min)) * WIDTH)} ${HEIGHT + 2}v${TICKS - 2}`)
    .join('');
  return html`<svg class="histogram" viewBox="0 0 ${WIDTH} ${HEIGHT + TICKS}" preserveAspectRatio="none" role="img" aria-label="Weights of ${name} before and after"><path class="area" d="M0 ${HEIGHT}${area}V${HEIGHT}Z"/><path class="bars" stroke-width="${round(step * 0.62)}" d="${bars}"/><path class="axis" d="M0 ${HEIGHT}H${WIDTH}"/>${centroids.length === 0 ? nothing : html`<path class="ticks" d="${ticks}"/>`}</svg>`;
}

function y(height: number): number {
  return round(HEIGHT - height);
}

function round(x: number): number {
  return Math.round(x * 100) / 100;
}
