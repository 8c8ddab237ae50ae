import type { Model } from '@espalier/core';
import { parseModel, seededFeeds } from '@espalier/plugin-kit';
import { InferenceSession } from '@espalier/runtime';
import { describe, expect, test } from 'vitest';
import { loadOperators } from '../src/operators/lookup.js';
import { lower } from '../src/plan/lower.js';

/** The operators of the plan, and how far its results are from those of a plan in which every value is seen. */
async function both(model: Model): Promise<{ readonly ops: readonly string[]; readonly error: number }> {
  // As whoever looks at all values does.
  await loadOperators();
  const feeds = seededFeeds(model);
  const { plan, planObserved, release } = await lower(model);
  const [ours, plain] = [plan.run(feeds), planObserved('all').run(feeds)];
  let error = 0;
  for (const [name, { data }] of Object.entries(plain)) {
    const given = ours[name]?.data as Float32Array;
    expect(given.length).toBe(data.length);
    given.forEach((value, i) => {
      error = Math.max(error, Math.abs(value - Number(data[i])));
    });
  }
  release();
  return { ops: plan.steps.map(({ node }) => node.op), error };
}

const norm = `
  constant s: float32[4] = random(2)
  constant t: float32[4] = random(3)
  constant m: float32[4] = random(4)
  constant v: float32[4] = [1, 2, 0.5, 3]`;

describe('what exporters spell out', () => {
  test.each([
    {
      what: 'a norm goes into the layer before it, and the Relu behind it with it',
      ops: ['Conv'],
      text: `
        input x: float32[N, 2, 6, 6]
        constant w: float32[4, 2, 3, 3] = random(1)
        ${norm}
        c = Conv(x, w)
        n = BatchNormalization(c, s, t, m, v)
        y = Relu(n)
        output y`,
    },
    {
      what: 'a norm whose input is read elsewhere stays',
      ops: ['Conv', 'BatchNormalization'],
      text: `
        input x: float32[N, 2, 6, 6]
        constant w: float32[4, 2, 3, 3] = random(1)
        ${norm}
        c = Conv(x, w)
        y = BatchNormalization(c, s, t, m, v)
        output y
        output c`,
    },
    ...[
      'p = Mul(x, c)\n y = Div(p, six)',
      'p = Mul(c, x)\n y = Mul(p, sixth)',
      'p = Div(c, six)\n y = Mul(x, p)',
      'p = Mul(sixth, c)\n y = Mul(p, x)',
    ].map((rest) => ({
      what: `hard-swish is one step: ${rest.replace('\n', ';')}`,
      ops: ['HardSwish'],
      text: `
        input x: float32[2, 3, 5, 5]
        constant three: float32[] = [3]
        constant six: float32[] = [6]
        constant zero: float32[] = [0]
        constant sixth: float32[] = [0.16666667]
        a = Add(x, three)
        c = Clip(a, zero, six)
        ${rest}
        output y`,
    })),
    {
      what: 'a product with another value is no hard-swish',
      ops: ['Add', 'Mul', 'Div'],
      text: `
        input x: float32[2, 3]
        input z: float32[2, 3]
        constant three: float32[] = [3]
        constant six: float32[] = [6]
        constant zero: float32[] = [0]
        a = Add(x, three)
        c = Clip(a, zero, six)
        p = Mul(z, c)
        y = Div(p, six)
        output y`,
    },
    {
      what: 'transposes that cancel are left out',
      ops: ['Relu', 'Sigmoid'],
      text: `
        input x: float32[2, 3, 4, 5]
        r = Relu(x)
        t = Transpose(r) { perm: [0, 2, 3, 1] }
        u = Transpose(t) { perm: [0, 3, 1, 2] }
        y = Sigmoid(u)
        output y`,
    },
    {
      what: 'transposes that do not cancel stay',
      ops: ['Transpose', 'Transpose', 'Sigmoid'],
      text: `
        input x: float32[2, 3, 4, 5]
        t = Transpose(x) { perm: [0, 2, 3, 1] }
        u = Transpose(t) { perm: [0, 2, 3, 1] }
        y = Sigmoid(u)
        output y`,
    },
    {
      what: 'zeros around an image are padding of the convolution',
      ops: ['Conv'],
      text: `
        input x: float32[1, 2, 6, 7]
        constant w: float32[4, 2, 3, 3] = random(1)
        constant p: int64[8] = [0, 0, 1, 0, 0, 0, 2, 1]
        q = Pad(x, p)
        y = Conv(q, w) { pads: [0, 1, 0, 0] }
        output y`,
    },
    {
      what: 'ones around an image are not',
      ops: ['Pad', 'Conv'],
      text: `
        input x: float32[1, 2, 6, 7]
        constant w: float32[4, 2, 3, 3] = random(1)
        constant p: int64[8] = [0, 0, 1, 0, 0, 0, 2, 1]
        constant one: float32[] = [1]
        q = Pad(x, p, one)
        y = Conv(q, w)
        output y`,
    },
  ])('$what', async ({ text, ops }) => {
    const result = await both(parseModel(text));
    expect(result.ops).toEqual(ops);
    // Sums of some twenty products of numbers up to about 1, rounded in another order.
    expect(result.error).toBeLessThan(2e-6);
  });

  test('what is quantized in between stays: it is rounded there', async () => {
    const model = parseModel(`
      input x: float32[N, 2, 6, 6]
      constant w: float32[4, 2, 3, 3] = random(1)
      ${norm}
      c: float32[N, 4, 4, 4] q int8 scale 0.05 zero 3 = Conv(x, w)
      y = BatchNormalization(c, s, t, m, v)
      output y
    `);
    const session = await InferenceSession.create(model);
    expect(session.plan.map(({ op }) => op)).toEqual(['Conv', 'BatchNormalization']);
  });
});
