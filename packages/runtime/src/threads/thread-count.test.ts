import { OptionsError, UnsupportedError } from '@espalier/core';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { threadCount } from './thread-count.js';

afterEach(() => vi.unstubAllGlobals());

describe('threadCount', () => {
  test('takes a number as it is, and at most four cores by itself', () => {
    expect(threadCount(1)).toBe(1);
    expect(threadCount(7)).toBe(7);
    vi.stubGlobal('navigator', { hardwareConcurrency: 16 });
    expect(threadCount('auto')).toBe(4);
    vi.stubGlobal('navigator', { hardwareConcurrency: 2 });
    expect(threadCount('auto')).toBe(2);
  });

  test.each([0, -1, 1.5, Number.NaN, 33])('refuses %d threads by name', (threads) => {
    expect(() => threadCount(threads)).toThrow(OptionsError);
    expect(() => threadCount(threads)).toThrow(/whole number of 1 to 32, or 'auto'/);
  });

  test('a page that is not isolated is told which headers it lacks', () => {
    vi.stubGlobal('crossOriginIsolated', false);
    expect(() => threadCount(2)).toThrow(UnsupportedError);
    expect(() => threadCount(2)).toThrow(/Cross-Origin-Opener-Policy.*Cross-Origin-Embedder-Policy/);
    expect(threadCount('auto')).toBe(1);
    expect(threadCount(1)).toBe(1);
  });
});
