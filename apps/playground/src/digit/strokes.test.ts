import { readFile } from 'node:fs/promises';
import { bestClasses, Tensor } from '@espalier/core';
import { readOnnx } from '@espalier/onnx';
import { InferenceSession } from '@espalier/runtime';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { exampleStrokes } from './example-strokes.js';
import { SIDE, type Strokes, toDigit } from './strokes.js';

describe('toDigit', () => {
  test('gives nothing for nothing', () => {
    expect(toDigit([])).toBeNull();
    expect(toDigit([[]])).toBeNull();
  });

  test('centres any drawing by its mass, with ink from 0 to 1', () => {
    const coordinate = fc.double({ min: 0, max: 1, noNaN: true });
    const stroke = fc.array(fc.record({ x: coordinate, y: coordinate }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(fc.array(stroke, { minLength: 1, maxLength: 3 }), (strokes: Strokes) => {
        const digit = toDigit(strokes) ?? new Float32Array();
        expect(digit).toHaveLength(SIDE * SIDE);
        let [mass, x, y] = [0, 0, 0];
        for (const [i, amount] of digit.entries()) {
          expect(amount >= 0 && amount <= 1).toBe(true);
          mass += amount;
          x += amount * ((i % SIDE) + 0.5);
          y += amount * (Math.floor(i / SIDE) + 0.5);
        }
        expect(mass).toBeGreaterThan(0);
        // Lines are drawn anew at another place between pixels, and far ones may leave the picture.
        expect(Math.abs(x / mass - SIDE / 2)).toBeLessThan(1);
        expect(Math.abs(y / mass - SIDE / 2)).toBeLessThan(1);
      }),
    );
  });

  test('the network reads the examples as the digits that they are', async () => {
    const file = new URL('../../../reproduce/models/lenet-300-100.onnx', import.meta.url);
    const session = await InferenceSession.create(await readOnnx(await readFile(file)));
    const pixels = Float32Array.from(exampleStrokes.flatMap((strokes) => [...(toDigit(strokes) ?? [])]));
    const [scores] = Object.values(await session.run({ image: new Tensor('float32', pixels, [10, 784]) }));
    expect([...((scores && bestClasses(scores, 10)) ?? [])]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });
});
