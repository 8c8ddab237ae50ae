import { readLayer, toFloat32 } from '@espalier/core';
import { parseModel } from '@espalier/plugin-kit';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { inputRanges, magnitudesOf, outputRanges } from './magnitudes.js';

const factors = (count: number): fc.Arbitrary<Float64Array> =>
  fc
    .array(fc.constantFrom(0.25, 0.5, 1, 2, 4), { minLength: count, maxLength: count })
    .map((list) => Float64Array.from(list));

/** The layer of a node, and for each of its weights the channels that it stands between. */
test.each([
  ['Conv', 'w: float32[4, 3, 2, 2] = random(1)', 'Conv(x, w)', 4, 3, (i: number) => [i / 12, (i / 4) % 3]],
  [
    'grouped Conv',
    'w: float32[4, 1, 3, 3] = random(1)',
    'Conv(x, w) { group: 2 }',
    4,
    2,
    (i: number) => [i / 9, i / 18],
  ],
  ['Gemm', 'w: float32[5, 7] = random(1)', 'Gemm(x, w)', 7, 5, (i: number) => [i % 7, i / 7]],
  [
    'Gemm with transB',
    'w: float32[5, 7] = random(1)',
    'Gemm(x, w) { transB: 1 }',
    5,
    7,
    (i: number) => [i / 7, i % 7],
  ],
] as const)(
  'ranges of a %s are those of its scaled weights',
  (name, weight, node, outputs, inputs, places) => {
    const dims = name.includes('Conv') ? `1, ${inputs}, 5, 5` : `1, ${inputs}`;
    const model = parseModel(`input x: float32[${dims}]\nconstant ${weight}\ny = ${node}\noutput y`);
    const layer = readLayer(model.graph.nodes[0] as never);
    if (layer === null) throw new Error('no layer');
    const weights = toFloat32(layer.encoding.decode());
    fc.assert(
      fc.property(factors(outputs), factors(inputs), (divided, multiplied) => {
        const [wantedOutputs, wantedInputs] = [new Float64Array(outputs), new Float64Array(inputs)];
        for (const [i, w] of weights.entries()) {
          const [o = 0, c = 0] = places(i).map(Math.floor);
          const scaled = (Math.abs(w) * (multiplied[c] ?? 0)) / (divided[o] ?? 0);
          wantedOutputs[o] = Math.max(wantedOutputs[o] ?? 0, scaled);
          wantedInputs[c] = Math.max(wantedInputs[c] ?? 0, scaled);
        }
        const magnitudes = magnitudesOf(layer);
        const around = { outputs: divided, inputs: multiplied };
        expect(outputRanges(magnitudes, outputs, around)).toEqual(wantedOutputs);
        expect(inputRanges(magnitudes, inputs, around)).toEqual(wantedInputs);
      }),
    );
  },
);
