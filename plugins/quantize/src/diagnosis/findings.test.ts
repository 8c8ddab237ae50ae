import { quantization, Tensor } from '@espalier/core';
import { expect, test } from 'vitest';
import { ActivationWatch } from './activation-watch.js';
import { activationFindings, weightFindings } from './findings.js';

/** From -1.28 to 1.27. */
const grid = quantization({ scale: 0.01, zeroPoint: 0 });
const wide = { min: -1.2, max: 1.2 };
const ordinary = { quantization: grid, min: -1.2, max: 1.2, usual: 1, clipped: 0, channels: [wide] };

test('there is nothing odd about ordinary numbers', () => {
  expect(activationFindings(ordinary)).toEqual([]);
});

test.each([
  { what: { clipped: 0.02 }, kind: 'clipped', about: /2\.0 % .* -1\.28 to 1\.27/ },
  { what: { max: 12, usual: 1.1 }, kind: 'range-outlier', about: /reaches 12, .* below 1\.1/ },
  { what: { channels: [wide, { min: 0, max: 0.05 }] }, kind: 'narrow-channel', about: /1 of 2 channels/ },
  { what: { channels: [wide, { min: 0, max: 0 }] }, kind: 'dead-channel', about: /1 of 2 channels/ },
])('$kind is found', ({ what, kind, about }) => {
  const findings = activationFindings({ ...ordinary, ...what });
  expect(findings.map((finding) => finding.kind)).toEqual([kind]);
  expect(findings[0]?.about).toMatch(about);
});

test('weights that share a scale are narrow below 4 codes on each side', () => {
  expect(weightFindings([1, 0.5, 0.039, 0], 0.01)[0]?.about).toMatch(/1 of 4 output channels/);
  expect(weightFindings([1, 0.5, 0.041], 0.01)).toEqual([]);
});

test('an activation is followed through both models', () => {
  const watch = new ActivationWatch(grid);
  const tensor = (...values: number[]): Tensor => new Tensor('float32', Float32Array.from(values), [1, 2, 2]);
  watch.seeReference(tensor(0, 0, -2, 1));
  watch.seeQuantized(tensor(0, 0, -1.28, 1));
  const facts = watch.facts();
  expect(facts.channels).toEqual([
    { min: 0, max: 0 },
    { min: -2, max: 1 },
  ]);
  expect(facts.clipped).toBe(0.25);
  // 5 / 0.72^2, in decibels.
  expect(watch.similarity.sqnrDb).toBeCloseTo(10 * Math.log10(5 / 0.72 ** 2), 5);
});
