import { ThreadError } from '@espalier/core';
import { loadKernels } from '@espalier/kernels';
import { afterEach, describe, expect, test } from 'vitest';
import { ThreadPool } from './thread-pool.js';

const PARTS = 200;
const WIDTH = 64;
const pools: ThreadPool[] = [];
afterEach(() => {
  for (const pool of pools.splice(0)) pool.release();
});

/** A pool, and an instruction that fills a block row by row; `calls` are the main thread's. */
async function setup(threads: number) {
  const kernels = await loadKernels({ shared: true, maximumBytes: 2 ** 26 });
  const pool = await ThreadPool.start(kernels, threads);
  pools.push(pool);
  const { heap } = kernels;
  const x = heap.place(Float32Array.from({ length: WIDTH }, (_, i) => i));
  const y = heap.malloc(PARTS * WIDTH * 4);
  const parts = Array.from({ length: PARTS }, (_, i) => [WIDTH, x, y + i * WIDTH * 4, -Infinity, i]);
  const calls = parts.map((args) => kernels.clampF32.bind(undefined, ...(args as Args)));
  return { pool, heap, y, parts, calls, instruction: { kernel: 'clampF32', parts } as const };
}
type Args = [number, number, number, number, number];

/** Keeps a thread busy for so long. */
function spin(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

describe('ThreadPool', () => {
  test("starts where other code has made Node's Worker a global", async () => {
    const { Worker } = await import('node:worker_threads');
    Reflect.set(globalThis, 'Worker', Worker);
    try {
      expect((await setup(2)).pool.threads).toBe(2);
    } finally {
      Reflect.deleteProperty(globalThis, 'Worker');
    }
  });

  test.each([2, 3])('%d threads do each part exactly once, run after run', async (threads) => {
    const { pool, heap, y, calls, instruction } = await setup(threads);
    const tape = pool.announce([null, instruction]);
    const expected = Float32Array.from({ length: PARTS * WIDTH }, (_, i) =>
      Math.min(i % WIDTH, Math.floor(i / WIDTH)),
    );
    for (let run = 0; run < 300; run++) {
      heap.float32(y, PARTS * WIDTH).fill(-1);
      pool.run(tape, 1, calls);
      // A part that is done twice, or after the run, is seen in one of the next runs.
      if (run % 10 === 0) expect(heap.float32(y, PARTS * WIDTH)).toEqual(expected);
      if (run % 50 === 49) await new Promise((resolve) => setTimeout(resolve, 2));
    }
  });

  test('a worker does take parts', async () => {
    const { pool, instruction } = await setup(2);
    const tape = pool.announce([instruction]);
    let ours = 0;
    const slow = Array.from({ length: PARTS }, () => () => {
      ours++;
      spin(0.5);
    });
    for (let run = 0; run < 20 && (ours === 0 || ours === PARTS * run); run++) pool.run(tape, 0, slow);
    expect(ours % PARTS).not.toBe(0);
  });

  test('a tape is announced while workers sleep, spin or work', async () => {
    const { pool, calls, instruction } = await setup(2);
    for (let round = 0; round < 100; round++) {
      const tape = pool.announce([instruction]);
      if (round % 3 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
      pool.run(tape, 0, calls);
      pool.run(tape, 0, calls);
      pool.forget(tape);
    }
  });

  test('a worker that fails in a part ends the pool with an error', async () => {
    const { pool, calls, instruction } = await setup(2);
    const outside = instruction.parts.map(([n = 0]) => [n, -64, -64, 0, 0]);
    const tape = pool.announce([{ kernel: 'clampF32', parts: outside }]);
    const slow = Array.from({ length: PARTS }, () => () => spin(0.5));
    expect(() => {
      for (let run = 0; run < 20; run++) pool.run(tape, 0, slow);
    }).toThrow(ThreadError);
    expect(() => pool.run(tape, 0, calls)).toThrow(ThreadError);
  });

  test('a worker that fails between runs ends the pool with its reason', async () => {
    const { pool, calls, instruction } = await setup(2);
    // No such kernel: the worker finds that when it hears of the tape.
    const broken = { ...instruction, kernel: 'noKernel' as 'clampF32' };
    const tape = pool.announce([broken]);
    await expect(async () => {
      for (let run = 0; run < 200; run++) {
        pool.run(tape, 0, calls);
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    }).rejects.toThrow(ThreadError);
  });

  test('an error of the running thread ends the pool too: parts of others may still be written', async () => {
    const { pool, calls, instruction } = await setup(2);
    const tape = pool.announce([instruction]);
    const failing = calls.map(() => () => {
      throw new TypeError('of a kernel');
    });
    expect(() => pool.run(tape, 0, failing)).toThrow('of a kernel');
    expect(() => pool.run(tape, 0, calls)).toThrow(ThreadError);
  });

  test('a pool that was released runs nothing any more', async () => {
    const { pool, calls, instruction } = await setup(2);
    const tape = pool.announce([instruction]);
    pool.release();
    pool.release();
    expect(() => pool.run(tape, 0, calls)).toThrow(/was released/);
  });
});
