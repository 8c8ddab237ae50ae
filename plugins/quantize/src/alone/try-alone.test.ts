import { type Executor, type Feeds, quantization, type Tensor } from '@espalier/core';
import { parseModel, seededTensor } from '@espalier/plugin-kit';
import { RuntimeExecutor } from '@espalier/runtime';
import { expect, test } from 'vitest';
import type { Change } from './change.js';
import { tryAlone } from './try-alone.js';

const model = parseModel(`
  input x: float32[N, 3, 6, 6]
  constant w: float32[4, 3, 3, 3] = random(1)
  constant v: float32[4, 4, 3, 3] = random(2)
  a = Conv(x, w) { pads: [1, 1, 1, 1] }
  r = Relu(a)
  b = Conv(r, v) { pads: [1, 1, 1, 1] }
  c = Conv(b, v) { pads: [1, 1, 1, 1] }
  d = Add(c, r)
  t = Transpose(d) { perm: [0, 2, 3, 1] }
  m = ReduceMax(t) { keepdims: 0 }
  output t
  output m
`);

const grid = quantization({ scale: 0.25, zeroPoint: 3 });
const rounded = (name: string, dims: readonly number[]): Change['weights'] => ({
  name,
  rounded: seededTensor(`rounded ${name}`, dims, -1, 1) as Tensor<'float32'>,
});

const changes: readonly Change[] = [
  ...['x', 'r', 'd', 't', 'm'].map((value) => ({ value, grid, weights: null })),
  { value: 'r', grid: null, weights: rounded('w', [4, 3, 3, 3]) },
  { value: 'r', grid, weights: rounded('w', [4, 3, 3, 3]) },
  // Of two layers: what one of them makes is not all that changes.
  { value: 'b', grid, weights: rounded('v', [4, 4, 3, 3]) },
];

const batches: readonly Feeds[] = [2, 3].map((count) => ({
  x: seededTensor(`batch of ${count}`, [count, 3, 6, 6], -1, 1),
}));

async function outputsBy(executor: Executor): Promise<ReadonlyMap<string, readonly [Feeds, Feeds]>> {
  const seen = new Map<string, readonly [Feeds, Feeds]>();
  const counts = changes.map(() => 0);
  await tryAlone({
    executor,
    reference: model,
    changes,
    batches,
    before: () => Promise.resolve(),
    see(change, expected, actual) {
      seen.set(`${change}, batch ${counts[change]}`, [expected, actual]);
      counts[change] = (counts[change] ?? 0) + 1;
    },
  });
  return seen;
}

test('a run that goes on from a changed layer gives what a whole model with that change gives', async () => {
  const real = new RuntimeExecutor();
  const whole: Executor = {
    evaluate: () => null,
    async prepare(prepared) {
      const execution = await real.prepare(prepared);
      return { run: (...of) => execution.run(...of), dispose: () => execution.dispose() };
    },
  };
  const [quick, plain] = [await outputsBy(real), await outputsBy(whole)];
  expect(quick.size).toBe(changes.length * batches.length);
  for (const [which, [expected, actual]] of plain) {
    expect(actual, which).not.toEqual(expected);
    expect(quick.get(which), which).toEqual([expected, actual]);
  }
});
