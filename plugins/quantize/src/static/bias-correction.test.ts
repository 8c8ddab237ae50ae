import { dense, Tensor, toFloat32 } from '@espalier/core';
import { expect, test } from 'vitest';
import { Moments } from '../moments/moments.js';
import { integerWeight } from '../weights/integer-weight.js';
import { meanError } from './bias-correction.js';

test('what bias correction adds makes the mean output what it was', () => {
  const weights = Float32Array.from({ length: 24 }, (_, i) => Math.fround(((i * 7919) % 101) / 50 - 1));
  const before = dense(new Tensor('float32', weights, [4, 6]));
  const settings = {
    granularity: 'channel',
    groupSize: 0,
    bits: 3,
    range: 'max',
    rounding: 'nearest',
  } as const;
  const after = integerWeight(before, { name: 'w', axis: 0, settings });
  const rounded = toFloat32(after.decode());
  const inputs = Array.from({ length: 5 }, (_, n) => Float64Array.from({ length: 6 }, (_, i) => (n * i) % 4));
  const moments = new Moments(6, false);
  for (const input of inputs) moments.add(input);
  const error = meanError(before, after, 0, [moments]);
  for (let c = 0; c < 4; c++) {
    const mean = (of: Float32Array): number =>
      inputs.reduce((all, x) => all + x.reduce((sum, v, i) => sum + v * (of[c * 6 + i] ?? 0), 0), 0) / 5;
    expect(mean(rounded) + (error[c] ?? 0)).toBeCloseTo(mean(weights), 10);
    expect(mean(rounded)).not.toBeCloseTo(mean(weights), 3);
  }
});
