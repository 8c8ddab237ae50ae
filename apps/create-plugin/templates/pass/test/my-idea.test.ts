import { checkPlugin, runFixtures } from '@espalier/plugin-kit';
import { describe, expect, test } from 'vitest';
import { myIdea } from '../src/index.js';
import { keepLarge } from '../src/magnitude.js';

// Every promise that a plugin makes: the model that comes in is left alone, the same bytes twice, …
checkPlugin(myIdea);

// Each test/fixtures/*.txt: a graph before, and the graph after. ESPALIER_UPDATE=1 npm test writes them.
runFixtures(new URL('./fixtures/', import.meta.url), myIdea);

describe('keepLarge', () => {
  test('keeps what is at least the share of the largest, and says where it stands', () => {
    const kept = keepLarge(Float32Array.of(0.25, -4, 0, 0.5, 1), 0.125);
    expect([...kept.positions]).toEqual([1, 3, 4]);
    expect([...kept.values]).toEqual([-4, 0.5, 1]);
    expect(kept.dropped).toBe(1);
  });

  test('keeps everything at a threshold of zero, and what is not finite at any', () => {
    expect(keepLarge(Float32Array.of(1e-30, 1), 0).dropped).toBe(0);
    expect([...keepLarge(Float32Array.of(NaN, 0.1, 1, -Infinity), 0.5).values]).toEqual([NaN, 1, -Infinity]);
  });

  test('takes nothing for nothing', () => {
    expect(keepLarge(new Float32Array(), 0.5)).toEqual(keepLarge(Float32Array.of(0, 0), 0.5));
  });
});

test('a threshold out of range is refused, with the range', () => {
  expect(() => myIdea({ threshold: 1 })).toThrow(/threshold/);
});
