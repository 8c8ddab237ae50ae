import fc from 'fast-check';
import type { TrainKernels } from '../../src/train-loader.js';
import type { KernelTest } from '../kernel-test.js';
import { exp, log } from '../plain-math.js';
import { data, float32s, size, uniform } from '../random-data.js';

const f = Math.fround;

const lossCase = fc.record({
  rows: size(9),
  classes: size(40),
  logits: data,
  seed: fc.integer({ min: 1, max: 1e6 }),
  hard: fc.boolean(),
  scale: fc.constantFrom(1, 1 / 64, 0.3).map(f),
});
type LossCase = typeof lossCase extends fc.Arbitrary<infer T> ? T : never;

/** One class a row, or a few with weights that need not add up to 1. */
function targetsOf({ rows, classes, seed, hard }: LossCase): Float32Array {
  const next = uniform(seed);
  const targets = new Float32Array(rows * classes);
  for (let row = 0; row < rows; row++) {
    for (let i = 0; i < (hard ? 1 : 3); i++) {
      targets[row * classes + Math.floor(next() * classes)] = hard ? 1 : next();
    }
  }
  return targets;
}

export const crossEntropyF32: KernelTest<LossCase, TrainKernels> = {
  cases: lossCase,
  run(arena, input) {
    const { rows, classes, scale } = input;
    const [gradient, losses] = [arena.output(rows * classes * 4), arena.output(rows * 4)];
    const logits = arena.input(float32s(rows * classes, input.logits));
    const targets = arena.input(targetsOf(input));
    arena.kernels.crossEntropyF32(rows, classes, logits, targets, gradient, losses, scale);
    const both = [...arena.float32(gradient, rows * classes), ...arena.float32(losses, rows)];
    return Float32Array.from(both);
  },
  expected(input) {
    const { rows, classes, scale } = input;
    const [logits, targets] = [float32s(rows * classes, input.logits), targetsOf(input)];
    const gradient = new Float32Array(rows * classes);
    const losses = new Float32Array(rows);
    for (let row = 0; row < rows; row++) {
      const at = row * classes;
      const logs = logSoftmax(logits.subarray(at, at + classes));
      let [loss, total] = [0, 0];
      for (let i = 0; i < classes; i++) {
        const target = targets[at + i]!;
        if (target !== 0) loss = f(loss - f(target * logs[i]!));
        total = f(total + target);
      }
      losses[row] = loss;
      for (let i = 0; i < classes; i++) {
        gradient[at + i] = f(f(f(exp(logs[i]!) * total) - targets[at + i]!) * scale);
      }
    }
    return Float32Array.from([...gradient, ...losses]);
  },
};

/** As softmax-f32 orders it: four sums in turn. */
function logSoftmax(values: Float32Array): Float32Array {
  const most = values.reduce((a, b) => (a < b ? b : a), -Infinity);
  const sums = [0, 0, 0, 0];
  for (const [i, value] of values.entries()) sums[i & 3] = f(sums[i & 3]! + exp(f(value - most)));
  const sum = log(f(f(sums[0]! + sums[1]!) + f(sums[2]! + sums[3]!)));
  return values.map((value) => f(f(value - most) - sum));
}
