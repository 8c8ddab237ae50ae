// Prints what the calibrator gains over the extremes, and puts the table into the README: npm run measure
import { createRandom } from '@espalier/core';
import { myIdeaCalibrator } from 'espalier-plugin-my-idea';
import { writeTable } from './readme-table.js';

const random = createRandom('activations');
// One in a thousand is ten times as far away.
const values = Float32Array.from({ length: 100_000 }, (_, i) => random.normal() * (i % 1000 === 0 ? 10 : 1));
const extremes = { min: 0, max: 0 };
for (const value of values) {
  extremes.min = Math.min(extremes.min, value);
  extremes.max = Math.max(extremes.max, value);
}

const rows = [['bits', 'error within the extremes', 'error with my-idea', 'SQNR gained']];
for (const bitWidth of [8, 6, 4]) {
  const observer = myIdeaCalibrator.observe({ bitWidth, percentile: 100 });
  observer.see(values, extremes);
  const [plain, clipped] = [extremes, observer.range()].map((range) => errorOf(range, bitWidth));
  const gained = 10 * Math.log10(plain / clipped);
  rows.push([bitWidth, plain.toExponential(2), clipped.toExponential(2), `${gained.toFixed(1)} dB`]);
}
writeTable(rows);

/** Mean squared error of rounding to 2^bitWidth codes, evenly from `min` to `max`. */
function errorOf({ min, max }, bitWidth) {
  const scale = (max - min) / (2 ** bitWidth - 1);
  let error = 0;
  for (const value of values) {
    const code = Math.round((Math.min(Math.max(value, min), max) - min) / scale);
    error += (min + scale * code - value) ** 2;
  }
  return error / values.length;
}
