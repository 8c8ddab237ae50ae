import { dense, inferShapes, type Model, Tensor, toFloat32, verify } from '@espalier/core';
import { expectSameOutputs, parseModel } from '@espalier/plugin-kit';
import { RuntimeExecutor } from '@espalier/runtime';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { findUnits, type UnitsOfModel } from './find-units.js';
import { Remaining } from './remaining.js';
import { removeUnits } from './remove-units.js';

const networks: Readonly<Record<string, string>> = {
  'a chain with a norm, a pool and a flattened image': `
    input x: float32[N, 3, 8, 8]
    constant w1: float32[6, 3, 3, 3] = random(1)
    c = Conv(x, w1) { pads: [1, 1, 1, 1] }
    constant g: float32[6] = random(2)
    constant s: float32[6] = random(3)
    constant m: float32[6] = random(4)
    constant v: float32[6] = random(5, 0.5, 1.5)
    n = BatchNormalization(c, g, s, m, v)
    r = Relu(n)
    p = MaxPool(r) { kernel_shape: [2, 2], strides: [2, 2] }
    f = Flatten(p)
    constant w2: float32[5, 96] = random(6)
    constant b2: float32[5] = random(7)
    h = Gemm(f, w2, b2) { transB: 1 }
    t = Tanh(h)
    constant w3: float32[5, 3] = random(8)
    y = MatMul(t, w3)
    output y
  `,
  'residual sums, the shortcut padded with channels': `
    input x: float32[1, 2, 8, 8]
    constant w0: float32[4, 2, 3, 3] = random(1)
    a = Conv(x, w0) { pads: [1, 1, 1, 1] }
    constant w1: float32[4, 4, 3, 3] = random(2)
    b = Conv(a, w1) { pads: [1, 1, 1, 1] }
    s = Add(a, b)
    constant starts: int64[2] = [0, 0]
    constant ends: int64[2] = [8, 8]
    constant axes: int64[2] = [2, 3]
    constant steps: int64[2] = [2, 2]
    d = Slice(s, starts, ends, axes, steps)
    constant pads: int64[8] = [0, 1, 0, 0, 0, 2, 0, 0]
    q = Pad(d, pads)
    constant w2: float32[7, 4, 3, 3] = random(3)
    e = Conv(s, w2) { pads: [1, 1, 1, 1], strides: [2, 2] }
    u = Add(q, e)
    z = GlobalAveragePool(u)
    constant target: int64[2] = [1, 7]
    f = Reshape(z, target)
    constant w3: float32[7, 2] = random(4)
    y = Gemm(f, w3)
    output y
  `,
  'concatenated branches, one of them gated, with slopes': `
    input x: float32[1, 3, 6, 6]
    constant w1: float32[4, 3, 1, 1] = random(1)
    constant w2: float32[5, 3, 3, 3] = random(2)
    constant slope: float32[5, 1, 1] = random(3)
    a = Conv(x, w1)
    b = Conv(x, w2) { pads: [1, 1, 1, 1] }
    l = PRelu(b, slope)
    constant over: int64[2] = [2, 3]
    g = ReduceMean(l, over)
    constant w3: float32[5, 5, 1, 1] = random(4)
    h = Conv(g, w3)
    k = Sigmoid(h)
    m = Mul(l, k)
    j = Concat(a, m) { axis: 1 }
    constant w4: float32[2, 9, 3, 3] = random(5)
    y = Conv(j, w4)
    output y
  `,
  'depthwise, of two filters each, and grouped with a shuffle': `
    input x: float32[1, 2, 6, 6]
    constant w1: float32[4, 2, 1, 1] = random(1)
    a = Conv(x, w1)
    constant w2: float32[8, 1, 3, 3] = random(2)
    constant b2: float32[8] = random(3)
    b = Conv(a, w2, b2) { group: 4, pads: [1, 1, 1, 1] }
    constant w3: float32[6, 4, 1, 1] = random(4)
    c = Conv(b, w3) { group: 2 }
    constant split: int64[5] = [1, 2, 3, 6, 6]
    d = Reshape(c, split)
    e = Transpose(d) { perm: [0, 2, 1, 3, 4] }
    constant join: int64[4] = [0, 6, 6, 6]
    f = Reshape(e, join)
    constant w4: float32[6, 1, 3, 3] = random(5)
    g = Conv(f, w4) { group: 6 }
    constant w5: float32[6, 2, 2, 2] = random(6)
    h = ConvTranspose(g, w5) { strides: [2, 2] }
    constant w6: float32[1, 2, 1, 1] = random(7)
    y = Conv(h, w6)
    output y
  `,
  'channels last, split and sliced': `
    input x: float32[1, 4, 4, 3]
    constant w1: float32[3, 8] = random(1)
    a = MatMul(x, w1)
    constant b1: float32[8] = random(2)
    b = Add(a, b1)
    constant sizes: int64[2] = [3, 5]
    c, d = Split(b, sizes) { axis: -1 }
    constant starts: int64[1] = [-4]
    constant ends: int64[1] = [9000]
    constant axes: int64[1] = [-1]
    e = Slice(d, starts, ends, axes)
    constant w2: float32[4, 3] = random(3)
    f = MatMul(e, w2)
    g = Mul(c, f)
    h = Transpose(g) { perm: [0, 3, 1, 2] }
    i = Transpose(h) { perm: [0, 2, 3, 1] }
    j = Flatten(i)
    constant w3: float32[48, 2] = random(4)
    y = Gemm(j, w3)
    output y
  `,
  'one vector of zeros that two layers share': `
    input x: float32[1, 4]
    constant zeros: float32[6] = random(9)
    constant w1: float32[4, 6] = random(1)
    constant w2: float32[6, 6] = random(2)
    constant w3: float32[6, 2] = random(3)
    a = Gemm(x, w1, zeros)
    b = Relu(a)
    c = Gemm(b, w2, zeros)
    d = Relu(c)
    y = Gemm(d, w3)
    output y
  `,
};

const executor = new RuntimeExecutor();

function network(name: string): Model {
  const model = parseModel(networks[name] ?? '');
  inferShapes(model);
  return model;
}

/** The same as without the units, told plainly: all weights that lead out of them are zero. */
function silence(model: Model, { space }: UnitsOfModel, units: ReadonlySet<number>): void {
  for (const { weight } of space.contractions) {
    const { constant } = weight?.value ?? {};
    if (weight == null || constant == null) continue;
    const inner = constant.dims.slice(weight.axis + 1).reduce((a, b) => a * b, 1);
    const values = toFloat32(constant.decode()).map((value, i) =>
      units.has(space.unitAt(weight, Math.floor(i / inner) % weight.size)) ? 0 : value,
    );
    model.graph.replaceConstant(weight.value, dense(new Tensor('float32', values, constant.dims)));
  }
}

describe('a model without some units computes what it does where no weight leads out of them', () => {
  test.each(Object.keys(networks))('%s', async (name) => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(999), { minLength: 1, maxLength: 12 }), async (choice) => {
        const [whole, narrow] = [network(name), network(name)];
        const found = findUnits(narrow);
        const free = found.groups.filter(({ pinned }) => pinned === null).flatMap(({ units }) => units);
        const remaining = new Remaining();
        const units = [...new Set(choice.map((i) => free[i % free.length]))].filter(
          (unit) => unit !== undefined && remaining.take(unit),
        ) as typeof free; // undefined was taken out
        silence(whole, findUnits(whole), new Set(units.map(({ id }) => id)));
        removeUnits(narrow, found, units);
        verify(narrow);
        await expectSameOutputs(whole, narrow, executor, { tolerance: 1e-5 });
      }),
      { numRuns: 12, seed: 7 },
    );
  });
});

test.each([
  { name: 'a chain with a norm, a pool and a flattened image', groups: ['w1: 6', 'w2: 5'] },
  // Of seven channels after the padded shortcut four are those of before.
  { name: 'residual sums, the shortcut padded with channels', groups: ['w0: 4', 'w2: 3'] },
  { name: 'concatenated branches, one of them gated, with slopes', groups: ['w1: 4', 'w2: 5'] },
  // What stands at the same place in each group goes together.
  { name: 'depthwise, of two filters each, and grouped with a shuffle', groups: ['w1: 2', 'w3: 3', 'w5: 2'] },
  { name: 'channels last, split and sliced', groups: ['w1: 3', 'w1: 5'] },
  { name: 'one vector of zeros that two layers share', groups: ['w1: 6', 'w2: 6'] },
])('$name: $groups', ({ name, groups }) => {
  const free = findUnits(network(name)).groups.filter(({ pinned }) => pinned === null);
  expect(free.map((group) => `${group.name}: ${group.units.length}`)).toEqual(groups);
});

test.each([
  { op: 'LRN', line: 'b = LRN(a) { size: 3 }', why: 'LRN "b" needs all of them' },
  { op: 'an unknown operator', line: 'b = somebody.Else(a)', why: 'Else "b" needs all of them' },
  { op: 'Softmax over them', line: 'b = Softmax(a) { axis: 1 }', why: 'Softmax "b" needs all of them' },
])('$op keeps the channels that it reads', ({ line, why }) => {
  const model = parseModel(`
    input x: float32[1, 2, 4, 4]
    constant w1: float32[4, 2, 1, 1] = random(1)
    a = Conv(x, w1)
    ${line}
    constant w2: float32[3, 4, 1, 1] = random(2)
    y: float32[1, 3, 4, 4] = Conv(b, w2)
    output y
  `);
  inferShapes(model);
  expect(findUnits(model).groups[0]?.pinned).toBe(why);
});
