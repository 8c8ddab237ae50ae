import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Model } from '@espalier/core';
import { parseModel, seededFeeds } from '@espalier/plugin-kit';
import { expect, test } from 'vitest';
import { lower } from '../src/plan/lower.js';

setFlagsFromString('--expose-gc');
const collect: () => void = runInNewContext('gc');

/** Enough that one number in a box, 12 bytes and more, in each run is seen beside what V8 keeps of code that got hot. */
const RUNS = 20_000;
const ROUNDS = 8;
const MOST_BYTES = 100_000;

function network(grid: (zero: number) => string): Model {
  return parseModel(`
    input x: float32[1, 4, 12, 12]
    constant w: float32[8, 4, 3, 3] = random(1)
    constant d: float32[8, 1, 3, 3] = random(2)
    constant p: float32[8, 8, 1, 1] = random(3)
    constant f: float32[8, 10] = random(4)
    a: float32[1, 8, 12, 12]${grid(3)} = Conv(x, w) { pads: [1, 1, 1, 1] }
    r: float32[1, 8, 12, 12]${grid(3)} = Relu(a)
    b: float32[1, 8, 12, 12]${grid(1)} = Conv(r, d) { group: 8, pads: [1, 1, 1, 1] }
    c: float32[1, 8, 12, 12]${grid(2)} = Conv(b, p)
    s: float32[1, 8, 12, 12]${grid(0)} = Add(c, r)
    m: float32[1, 8, 6, 6]${grid(0)} = MaxPool(s) { kernel_shape: [2, 2], strides: [2, 2] }
    g: float32[1, 8, 1, 1]${grid(0)} = GlobalAveragePool(m)
    h: float32[1, 8]${grid(0)} = Flatten(g)
    y = Gemm(h, f)
    output y
  `);
}

test.each([
  { what: 'float32', grid: () => '', threads: 1 },
  { what: 'int8 activations', grid: (zero: number) => ` q int8 scale 0.05 zero ${zero}`, threads: 1 },
  { what: 'float32 on two threads', grid: () => '', threads: 2 },
])(
  'a run of $what leaves nothing to collect',
  async ({ grid, threads }) => {
    const { plan, release } = await lower(network(grid), { threads });
    try {
      const feeds = seededFeeds(plan.model);
      const binding = plan.bind(feeds);
      plan.run(feeds);
      binding.tape.settle();
      const run = (): void => {
        for (let i = 0; i < RUNS; i++) {
          binding.feed(feeds);
          binding.tape.run();
        }
      };
      // Of some rounds the best: code that V8 has not optimised yet makes iterators, and what it learns of code takes room.
      let least = Infinity;
      for (let round = 0; round < ROUNDS && least > MOST_BYTES; round++) {
        collect();
        const before = getHeapStatistics().used_heap_size;
        run();
        least = Math.min(least, getHeapStatistics().used_heap_size - before);
      }
      expect(least).toBeLessThan(MOST_BYTES);
    } finally {
      release();
    }
  },
  60_000,
);
