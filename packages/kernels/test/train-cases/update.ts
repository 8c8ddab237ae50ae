import fc from 'fast-check';
import type { TrainKernels } from '../../src/train-loader.js';
import type { KernelTest } from '../kernel-test.js';
import { data, float32s, size } from '../random-data.js';
import { masks } from './elementwise.js';

const f = Math.fround;

const shared = {
  n: size(130),
  w: data,
  dw: data,
  state: data,
  mask: fc.option(fc.integer({ min: 1, max: 1e6 })),
  l1: fc.constantFrom(0, 1e-3).map(f),
  l2: fc.constantFrom(0, 0.5).map(f),
};
const sgdCase = fc.record({
  ...shared,
  rate: fc.constantFrom(0.1, 1e-4).map(f),
  momentum: fc.constantFrom(0, 0.9).map(f),
});
type SgdCase = typeof sgdCase extends fc.Arbitrary<infer T> ? T : never;

/** dw + l2 * w + l1 * sign(w) */
function regularized(dw: number, w: number, { l1, l2 }: { l1: number; l2: number }): number {
  const sign = (w > 0 ? 1 : 0) - (w < 0 ? 1 : 0);
  return f(f(dw + f(l2 * w)) + f(l1 * sign));
}

function isPruned(mask: number | null, n: number): (i: number) => boolean {
  const words = mask === null ? null : masks(n, mask);
  return (i) => words !== null && words[i] === 0;
}

/** Arrays one after the other. */
function joined(...arrays: readonly Float32Array[]): Float32Array {
  return Float32Array.from(arrays.flatMap((array) => [...array]));
}

export const sgdF32: KernelTest<SgdCase, TrainKernels> = {
  cases: sgdCase,
  run(arena, { n, rate, momentum, l1, l2, ...input }) {
    const [w, v] = [arena.output(n * 4), arena.output(n * 4)];
    arena.kernels.heap.float32(w, n).set(float32s(n, input.w));
    arena.kernels.heap.float32(v, n).set(float32s(n, input.state));
    const dw = arena.input(float32s(n, input.dw));
    const mask = input.mask === null ? 0 : arena.input(masks(n, input.mask));
    arena.kernels.sgdF32(n, w, dw, v, mask, arena.input(Float32Array.of(rate)), momentum, l1, l2);
    return joined(arena.float32(w, n), arena.float32(v, n));
  },
  expected(input) {
    const { n, rate, momentum } = input;
    const [w, dw, v] = [float32s(n, input.w), float32s(n, input.dw), float32s(n, input.state)];
    const pruned = isPruned(input.mask, n);
    for (let i = 0; i < n; i++) {
      v[i] = pruned(i) ? 0 : f(f(momentum * v[i]!) + regularized(dw[i]!, w[i]!, input));
      w[i] = pruned(i) ? 0 : f(w[i]! - f(rate * v[i]!));
    }
    return joined(w, v);
  },
};

const adamCase = fc.record({
  ...shared,
  step: fc.constantFrom([1e-3, 1.5, 1e-4] as const, [0.1, 1, 0] as const),
  beta1: fc.constantFrom(0.9, 0).map(f),
  beta2: fc.constantFrom(0.999, 0.95).map(f),
  epsilon: fc.constantFrom(1e-8, 1e-3).map(f),
});
type AdamCase = typeof adamCase extends fc.Arbitrary<infer T> ? T : never;

export const adamF32: KernelTest<AdamCase, TrainKernels> = {
  cases: adamCase,
  run(arena, { n, step, beta1, beta2, epsilon, l1, l2, ...input }) {
    const { heap } = arena.kernels;
    const [w, m, v] = [arena.output(n * 4), arena.output(n * 4), arena.output(n * 4)];
    heap.float32(w, n).set(float32s(n, input.w));
    heap.float32(m, n).set(float32s(n, input.state));
    heap.float32(v, n).set(float32s(n, input.state).map(Math.abs));
    const dw = arena.input(float32s(n, input.dw));
    const mask = input.mask === null ? 0 : arena.input(masks(n, input.mask));
    const stepAt = arena.input(Float32Array.from(step));
    const decays = step[2] > 0 ? 1 : 0;
    arena.kernels.adamF32(n, w, dw, m, v, mask, stepAt, beta1, beta2, epsilon, l1, l2, decays);
    return joined(arena.float32(w, n), arena.float32(m, n), arena.float32(v, n));
  },
  expected(input) {
    const { n, beta1, beta2, epsilon } = input;
    const [rate, root, decay] = input.step.map(f) as [number, number, number];
    const [w, dw, m] = [float32s(n, input.w), float32s(n, input.dw), float32s(n, input.state)];
    const v = float32s(n, input.state).map(Math.abs);
    const pruned = isPruned(input.mask, n);
    for (let i = 0; i < n; i++) {
      if (pruned(i)) {
        w[i] = m[i] = v[i] = 0;
        continue;
      }
      const g = regularized(dw[i]!, w[i]!, input);
      m[i] = f(f(beta1 * m[i]!) + f(f(1 - beta1) * g));
      v[i] = f(f(beta2 * v[i]!) + f(f(1 - beta2) * f(g * g)));
      const change = f(f(rate * m[i]!) / f(f(root * f(Math.sqrt(v[i]!))) + epsilon));
      w[i] = f(f(w[i]! - f(decay * w[i]!)) - change);
    }
    return joined(w, m, v);
  },
};
