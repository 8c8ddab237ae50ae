import { Tensor } from '@espalier/core';
import { expect, test } from 'vitest';
import { matched, overlap, textBoxes } from './text-boxes.js';

test('each connected region becomes one box, grown by the height of its core', () => {
  const map = new Float32Array(40 * 60);
  for (let y = 10; y < 16; y++) for (let x = 5; x < 30; x++) map[y * 60 + x] = 0.9;
  for (let y = 25; y < 31; y++) for (let x = 20; x < 50; x++) map[y * 60 + x] = 0.5;
  map[39 * 60 + 59] = 1;
  expect(textBoxes(new Tensor('float32', map, [1, 1, 40, 60]))).toEqual([
    { left: 2, top: 7, right: 33, bottom: 19 },
    { left: 17, top: 22, right: 53, bottom: 34 },
  ]);
});

test('overlap is intersection over union', () => {
  const a = { left: 0, top: 0, right: 2, bottom: 2 };
  expect(overlap(a, { left: 1, top: 0, right: 3, bottom: 2 })).toBeCloseTo(1 / 3, 12);
  expect(overlap(a, { left: 2, top: 0, right: 3, bottom: 2 })).toBe(0);
  expect(matched([a], [a])).toBe(1);
  expect(matched([a], [])).toBe(0);
});
