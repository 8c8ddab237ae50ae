import { createRandom, roundHalfEven, Tensor } from '@espalier/core';
import { type UnaryFunctionName, unaryFunctions } from '@espalier/kernels';
import { loadTrainKernels, type TrainKernels } from '@espalier/kernels/train';
import { parseModel } from '@espalier/plugin-kit';
import { loadOperators, operatorOf } from '@espalier/runtime/tape';
import { beforeAll, describe, expect, test } from 'vitest';

/** Of a function, that many tables of 256 codes. */
const TABLES = 400;

const f = Math.fround;
let kernels: TrainKernels;
beforeAll(async () => {
  kernels = await loadTrainKernels();
  await loadOperators();
});

function codeOf(real: number, scale: number): number {
  return Math.min(Math.max(roundHalfEven(f(real / scale)), -256), 256);
}

/** Differences of codes, of all but equal ones. */
function differences(a: ArrayLike<number>, b: ArrayLike<number>): readonly number[] {
  return Array.from(a, (code, i) => Math.abs(code - (b[i] ?? 0))).filter((distance) => distance > 0);
}

// int8 has tables made by plain operators, training a kernel: docs/decisions/0028.
describe('of codes that int8 tables and training give for the same ones, at most one of a hundred thousand is another', () => {
  test.each<[op: string, name: UnaryFunctionName, a: number, b: number, scale: number | null]>([
    ['Sigmoid', 'sigmoid', 0, 0, 1 / 256],
    ['Tanh', 'tanh', 0, 0, 1 / 128],
    ['HardSigmoid', 'hardSigmoid', f(0.2), 0.5, 1 / 256],
    ['HardSwish', 'hardSwish', f(1 / 6), 0.5, null],
    ['LeakyRelu', 'leakyRelu', f(0.01), 0, null],
    ['Exp', 'exp', 0, 0, 1 / 64],
  ])('%s', (op, name, a, b, ownScale) => {
    const random = createRandom(op);
    const [node] = parseModel(`input x: float32[N, 256]\ny = ${op}(x)\noutput y`).graph.nodes;
    const plain = node && operatorOf(node);
    if (node === undefined || plain === undefined) throw new Error(`no plain ${op}`);
    const { heap } = kernels;
    const [x, y] = [heap.malloc(1024), heap.malloc(1024)];
    const found: number[] = [];
    for (let table = 0; table < TABLES; table++) {
      const step = f(0.001 + 0.06 * random.next());
      const zero = random.below(256) - 128;
      const scale = f(ownScale ?? step * (0.5 + random.next()));
      const reals = Float32Array.from({ length: 256 }, (_, i) => (i - 128 - zero) * step);
      const call = { attributes: node.attributes, outputs: [true], name: '' };
      const expected = plain.run([new Tensor('float32', reals, [1, 256])], call)[0]?.data as Float32Array; // float32 in, float32 out
      heap.float32(x, 256).set(reals);
      kernels.unaryF32(unaryFunctions[name], 256, x, y, a, b);
      const codes = (values: Float32Array) => Array.from(values, (value) => codeOf(value, scale));
      found.push(...differences(codes(heap.float32(y, 256)), codes(expected)));
    }
    expect(found.length).toBeLessThanOrEqual(1);
    for (const distance of found) expect(distance).toBe(1);
  });

  test('Softmax', () => {
    const random = createRandom('softmax');
    const { heap } = kernels;
    const [length, scale, zero] = [10, 1 / 256, -128];
    const [x, y, from, to] = [heap.malloc(40), heap.malloc(40), heap.malloc(16), heap.malloc(16)];
    const found: number[] = [];
    for (let row = 0; row < 4_000; row++) {
      const step = f(0.02 + 0.2 * random.next());
      const codes = Int8Array.from({ length }, () => random.below(256) - 128);
      const table = heap.place(Float64Array.from({ length: 256 }, (_, below) => Math.exp(-below * step)));
      heap.int8(from, length).set(codes);
      kernels.softmaxI8(1, length, 1, from, to, table, scale, zero);
      heap.free(table);
      heap.float32(x, length).set(Float32Array.from(codes, (code) => (code + 3) * step));
      kernels.softmaxF32(1, length, 1, x, y, 0);
      const trained = Array.from(
        heap.float32(y, length),
        (real) => Math.min(codeOf(real, scale), 255) + zero,
      );
      found.push(...differences(trained, heap.int8(to, length)));
    }
    expect(found.length).toBeLessThanOrEqual(1);
    for (const distance of found) expect(distance).toBe(1);
  });
});
