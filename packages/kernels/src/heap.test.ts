import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Heap } from './heap.js';

function heap(pages = 2, maximum = 64): Heap {
  return new Heap(new WebAssembly.Memory({ initial: pages, maximum }), 1000);
}

describe('Heap', () => {
  test('spans are 16 byte aligned, at or above the base, and never overlap, whatever is freed between', () => {
    const step = fc.oneof(
      fc.record({ malloc: fc.integer({ min: 0, max: 30000 }) }),
      fc.record({ free: fc.nat(50) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const one = heap();
        const live: { start: number; size: number }[] = [];
        for (const action of steps) {
          if ('free' in action) {
            const [gone] = live.splice(action.free, 1);
            if (gone) one.free(gone.start);
            continue;
          }
          const start = one.malloc(action.malloc);
          const end = start + action.malloc;
          expect(start % 16).toBe(0);
          expect(start).toBeGreaterThanOrEqual(1000);
          expect(end + 16).toBeLessThanOrEqual(one.memory.buffer.byteLength);
          expect(live.every((other) => end <= other.start || start >= other.start + other.size)).toBe(true);
          live.push({ start, size: action.malloc });
        }
        for (const { start } of live) one.free(start);
        expect(one.usedBytes).toBe(0);
      }),
      { numRuns: 300 },
    );
  });

  test('freed neighbours join, so that the same big span fits again without growing', () => {
    const one = heap();
    const first = one.malloc(100_000);
    one.free(first);
    const parts = [one.malloc(30_000), one.malloc(30_000), one.malloc(30_000)];
    const size = one.memory.buffer.byteLength;
    for (const index of [1, 0, 2]) one.free(parts[index]!);
    expect(one.malloc(100_000)).toBe(first);
    expect(one.memory.buffer.byteLength).toBe(size);
  });

  test('growing keeps what was written', () => {
    const one = heap();
    const address = one.place(Int32Array.of(1, -2, 3));
    one.malloc(1_000_000);
    expect([...one.int32(address, 3)]).toEqual([1, -2, 3]);
  });

  test('a memory that other code grew is used to its end', () => {
    const one = heap(1, 4);
    one.memory.grow(3);
    expect(() => one.malloc(150_000)).not.toThrow();
  });

  test('a heap that is exactly full still grows', () => {
    const one = heap(1, 4);
    one.malloc(65536 - 64 - 1008);
    expect(one.malloc(16)).toBe(65536 - 64);
  });

  test.each([
    { size: -1, message: /whole number/ },
    { size: 1.5, message: /whole number/ },
    { size: Number.NaN, message: /whole number/ },
    { size: 64 * 65536, message: /can't grow/ },
    { size: 2 ** 40, message: /can't grow/ },
  ])('malloc($size) is a RangeError that says why', ({ size, message }) => {
    expect(() => heap().malloc(size)).toThrow(RangeError);
    expect(() => heap().malloc(size)).toThrow(message);
  });

  test('a refused allocation leaves the heap as it was', () => {
    const one = heap();
    expect(() => one.malloc(2 ** 40)).toThrow();
    expect(one.usedBytes).toBe(0);
    expect(() => one.malloc(1000)).not.toThrow();
  });

  test('freeing twice, or what was never handed out, is a RangeError', () => {
    const one = heap();
    const address = one.malloc(10);
    one.free(address);
    expect(() => one.free(address)).toThrow(RangeError);
    expect(() => one.free(4)).toThrow(/not allocated/);
  });
});
