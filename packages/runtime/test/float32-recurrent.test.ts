import type { Tensor } from '@espalier/core';
import { parseModel } from '@espalier/plugin-kit';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compare } from './support/compare.js';
import { numbers, reals } from './support/one-op.js';

interface Layer {
  readonly op: 'LSTM' | 'GRU';
  readonly direction: 'forward' | 'reverse' | 'bidirectional';
  readonly sequence: number;
  readonly batch: number;
  readonly width: number;
  readonly hidden: number;
  readonly hasBias: boolean;
  readonly hasState: boolean;
  readonly attributes?: string;
}

/** Runs a layer of random weights; says what computed it. */
function run(layer: Layer, seed: number): Promise<string | undefined> {
  const { op, direction, sequence, batch, width, hidden, hasBias, hasState, attributes = '' } = layer;
  const gates = op === 'LSTM' ? 4 : 3;
  const count = direction === 'bidirectional' ? 2 : 1;
  const state = `float32[${count}, ${batch}, ${hidden}]`;
  const cell = op === 'LSTM' ? ', c' : '';
  const model = parseModel(`
    input x: float32[${sequence}, ${batch}, ${width}]
    input h0: ${state}
    input c0: ${state}
    constant w: float32[${count}, ${gates * hidden}, ${width}] = random(1)
    constant r: float32[${count}, ${gates * hidden}, ${hidden}] = random(2)
    constant b: float32[${count}, ${2 * gates * hidden}] = random(3)
    y, h${cell} = ${op}(x, w, r, ${hasBias ? 'b' : '_'}, _, ${hasState ? 'h0' : '_'}${
      op === 'LSTM' && hasState ? ', c0' : ''
    }) { hidden_size: ${hidden}, direction: "${direction}"${attributes} }
    output y
    output h
    ${op === 'LSTM' ? 'output c' : ''}
  `);
  const next = numbers(seed);
  const states = [count, batch, hidden];
  const feeds: Record<string, Tensor> = {
    x: reals(next, [sequence, batch, width], 2),
    h0: reals(next, states),
    c0: reals(next, states),
  };
  return compare(model, feeds, op);
}

const layers: fc.Arbitrary<Layer> = fc.record({
  op: fc.constantFrom('LSTM', 'GRU'),
  direction: fc.constantFrom('forward', 'reverse', 'bidirectional'),
  sequence: fc.integer({ min: 1, max: 5 }),
  batch: fc.integer({ min: 1, max: 5 }),
  width: fc.integer({ min: 1, max: 9 }),
  hidden: fc.integer({ min: 1, max: 21 }),
  hasBias: fc.boolean(),
  hasState: fc.boolean(),
});

test('LSTM and GRU run on kernels in every direction, with and without bias and first states', async () => {
  await fc.assert(
    fc.asyncProperty(layers, fc.integer(), fc.boolean(), async (layer, seed, linear) => {
      const attributes = layer.op === 'GRU' && linear ? ', linear_before_reset: 1' : '';
      expect(await run({ ...layer, attributes }, seed)).toBe('float32');
    }),
    { numRuns: 60 },
  );
});

const plain: Layer = {
  op: 'LSTM',
  direction: 'bidirectional',
  sequence: 3,
  batch: 2,
  width: 4,
  hidden: 5,
  hasBias: true,
  hasState: true,
};

test.each([
  ', clip: 0.5',
  ', input_forget: 1',
  ', activations: ["Sigmoid", "Tanh", "Relu", "Sigmoid", "Tanh", "Tanh"]',
])('what no kernel knows is left to the plain operator: %s', async (attributes) => {
  expect(await run({ ...plain, attributes }, 1)).toBe('typescript');
});

test('default activations that are spelled out run on kernels', async () => {
  const attributes = ', activations: ["sigmoid", "tanh", "tanh", "Sigmoid", "Tanh", "Tanh"]';
  expect(await run({ ...plain, attributes }, 2)).toBe('float32');
});
