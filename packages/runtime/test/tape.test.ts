import { Tensor } from '@espalier/core';
import { parseModel } from '@espalier/plugin-kit';
import { describe, expect, test } from 'vitest';
import { lower } from '../src/plan/lower.js';
import { InferenceSession } from '../src/session/inference-session.js';
import { numbers, reals } from './support/one-op.js';

const network = () =>
  parseModel(`
    input x: float32[N, 3, H, W]
    constant w: float32[8, 3, 3, 3] = random(1)
    constant v: float32[8, 8, 1, 1] = random(2)
    a = Conv(x, w) { pads: [1, 1, 1, 1] }
    r = Relu(a)
    b = Conv(r, v)
    c = Add(b, r)
    s = Sigmoid(c)
    y = GlobalAveragePool(s)
    output y
  `);

const images = (n: number, size: number, seed: number) => reals(numbers(seed), [n, 3, size, size]);

describe('a run that is played back', () => {
  test('gives what a recorded run gives, for other values of the same shape', async () => {
    const session = await InferenceSession.create(network());
    await session.run({ x: images(1, 8, 1) });
    for (const seed of [2, 3, 4]) {
      const x = images(1, 8, seed);
      const fresh = await InferenceSession.create(network());
      expect(await session.run({ x })).toEqual(await fresh.run({ x }));
    }
  });

  test('takes no kernel memory, once the shape is known', async () => {
    const { plan } = await lower(network());
    for (const size of [8, 16, 12, 8, 16]) plan.run({ x: images(1, size, size) });
    const { heap } = plan.workspace;
    const used = heap.usedBytes;
    const { byteLength } = heap.memory.buffer;
    for (const size of [8, 12, 16, 8]) plan.run({ x: images(1, size, size) });
    expect(heap.usedBytes).toBe(used);
    expect(heap.memory.buffer.byteLength).toBe(byteLength);
  });

  test('keeps tapes for eight shapes, and gives the memory of older ones back', async () => {
    const { plan } = await lower(network());
    for (let size = 8; size < 20; size++) plan.run({ x: images(1, size, 1) });
    const used = plan.workspace.heap.usedBytes;
    for (let size = 8; size < 20; size++) plan.run({ x: images(1, size, 1) });
    expect(plan.workspace.heap.usedBytes).toBe(used);
  });

  test('is recorded again where a shape depends on values', async () => {
    const session = await InferenceSession.create(
      parseModel(
        `
        input x: float32[4]
        n = NonZero(x)
        g = GatherND(x, t)
        t = Transpose(n) { perm: [1, 0] }
        y = Neg(g)
        output y
      `.replace(/( +g = .*\n)( +t = .*\n)/, '$2$1'),
      ),
    );
    const run = async (...values: number[]) =>
      Array.from(
        (await session.run({ x: new Tensor('float32', Float32Array.from(values)) }))['y']
          ?.data as Float32Array,
      );
    expect(await run(1, 0, 2, 0)).toEqual([-1, -2]);
    expect(await run(0, 5, 0, 6)).toEqual([-5, -6]);
    expect(await run(1, 2, 3, 4)).toEqual([-1, -2, -3, -4]);
    expect(await run(0, 0, 7, 0)).toEqual([-7]);
  });

  test('follows a size that is fed', async () => {
    const session = await InferenceSession.create(
      parseModel(`
        input x: float32[1, 1, 2, 2]
        input s: int64[4]
        constant none: float32[0] = []
        r = Resize(x, none, none, s) { mode: "nearest" }
        y = Relu(r)
        output y
      `),
    );
    const x = new Tensor('float32', Float32Array.of(1, -2, 3, 4), [1, 1, 2, 2]);
    const run = async (...sizes: bigint[]) =>
      (await session.run({ x, s: new Tensor('int64', BigInt64Array.from(sizes)) }))['y']?.dims;
    expect(await run(1n, 1n, 4n, 4n)).toEqual([1, 1, 4, 4]);
    expect(await run(1n, 1n, 2n, 6n)).toEqual([1, 1, 2, 6]);
    expect(await run(1n, 1n, 4n, 4n)).toEqual([1, 1, 4, 4]);
  });
});

test('past the last instruction of a tape there is nothing to do', async () => {
  const { plan } = await lower(network());
  const { tape } = plan.bind({ x: images(1, 8, 1) });
  tape.settle();
  const { arena, heap } = plan.workspace;
  heap.uint8(arena.address, arena.sizeBytes).fill(7);
  const { length } = tape.instructions;
  tape.runPart(length, length);
  expect(heap.uint8(arena.address, arena.sizeBytes).every((byte) => byte === 7)).toBe(true);
});

test('a deeper chain of layers needs no larger arena', async () => {
  const arenaOf = async (layers: number) => {
    const lines = Array.from(
      { length: layers },
      (_, i) => `h${i} = Relu(c${i})\n c${i + 1} = Conv(h${i}, w)`,
    );
    const model = parseModel(`
      input x: float32[1, 8, 16, 16]
      constant w: float32[8, 8, 1, 1] = random(1)
      c0 = Conv(x, w)
      ${lines.join('\n')}
      output c${layers}
    `);
    const { plan } = await lower(model);
    return plan.bind({ x: reals(numbers(1), [1, 8, 16, 16]) }).tape.arena.sizeBytes;
  };
  expect(await arenaOf(20)).toBe(await arenaOf(3));
});
