import { createRandom, Graph, int, Model, Tensor, type Value } from '@espalier/core';
import { laplace } from '../alexnet/laplace.js';

/** Inputs and outputs of each layer. */
const layers: readonly (readonly [number, number])[] = [
  [784, 300],
  [300, 100],
  [100, 10],
];

/**
 * LeNet-300-100 with heavy-tailed noise for weights: Laplace, times a scale of its own for each neuron and each input, so
 * that pruning empties some of them, as training does. It shows where the bytes of a small file go, and nothing about
 * accuracy.
 */
export function leNetOfNoise(seed: number): Model {
  const graph = new Graph('lenet-300-100-of-noise');
  let value: Value = graph.addInput('input', { dtype: 'float32', dims: ['N', 784] });
  for (const [at, [inputs, outputs]] of layers.entries()) {
    const name = `fc${at + 1}`;
    const weights = laplace(inputs * outputs, Math.sqrt(2 / inputs), `${seed}/${name}`);
    const byInput = scales(inputs, `${seed}/${name}/inputs`);
    const byOutput = scales(outputs, `${seed}/${name}/outputs`);
    for (let i = 0; i < weights.length; i++) {
      weights[i]! *= byOutput[Math.floor(i / inputs)]! * byInput[i % inputs]!;
    }
    const weight = graph.constant(new Tensor('float32', weights, [outputs, inputs]), `${name}.weight`);
    const bias = graph.constant(
      new Tensor('float32', laplace(outputs, 0.1, `${seed}/${name}.bias`)),
      `${name}.bias`,
    );
    value = graph.apply(
      { op: 'Gemm', name, inputs: [value, weight, bias], attributes: { transB: int(1) } },
      name,
    );
    if (at < 2) value = graph.apply({ op: 'Relu', inputs: [value] }, `${name}.relu`);
  }
  graph.addOutput(value);
  return new Model(graph);
}

/** Numbers of 0.05 to 1.55. */
function scales(count: number, seed: string): Float64Array {
  const random = createRandom(seed);
  return Float64Array.from({ length: count }, () => 0.05 + 1.5 * random.next());
}
