import type { Model } from '@espalier/core';
import { buildModel } from '../build-model.js';

/** A chain of `layers` linear layers of `width` neurons with biases, ending in `outputs`. */
export function layeredModel(layers: number, width: number, outputs: number = width): Model {
  return buildModel((m) => {
    let value = m.input('x', ['N', outputs]);
    for (let i = 0; i < layers; i++) {
      // Wide layers in turn with narrow ones: weights grow with the width, not with its square.
      const [from, to] = [i % 2 === 0 ? outputs : width, i % 2 === 0 ? width : outputs];
      const inputs = [value, m.random(`w${i}`, [from, to]), m.random(`b${i}`, [to])];
      value = m.node('Relu', [m.node('Gemm', inputs, {}, `h${i}`)], {}, `r${i}`);
    }
    m.output(value);
  });
}
