import { expect, test } from 'vitest';
import { asSvg } from './plot.js';

const svg = asSvg({
  title: 'a < b',
  x: { label: 'size', ticks: [1, 10, 100], logarithmic: true },
  y: { label: 'error', ticks: [0, 1, 2] },
  series: [
    {
      name: 'one',
      points: [
        [1, 0],
        [10, 1],
        [1000, 2],
      ],
    },
  ],
});

test('a line goes through its points, those beyond the axis at its end', () => {
  // The plot is 636 wide from 64 and 292 high up from 340: 10 is half of a logarithmic way from 1 to 100.
  expect(/points="([^"]*)"/.exec(svg)?.[1]).toBe('64,340 382,194 700,48');
});

test('text is no markup', () => {
  expect(svg).toContain('>a &lt; b<');
});
