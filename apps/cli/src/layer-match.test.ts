import { Graph, Model, type NodeSpec, Tensor } from '@espalier/core';
import { describe, expect, test } from 'vitest';
import { matchLayers } from './layer-match.js';

type Chain = readonly (readonly [op: string, output: string])[];

/** Convolutions of 1 x 1 and one-input operators, one after the other; names are those of their outputs. */
function chain(...steps: Chain): Model {
  const graph = new Graph();
  let value = graph.addInput('x', { dtype: 'float32', dims: [1, 2, 4, 4] });
  for (const [op, output] of steps) {
    const weights =
      op === 'Conv' ? [graph.constant(new Tensor('float32', new Float32Array(4), [2, 2, 1, 1]))] : [];
    const spec: Omit<NodeSpec, 'outputs'> = { op, inputs: [value, ...weights] };
    value = graph.apply(spec, output);
  }
  graph.addOutput(value);
  return new Model(graph);
}

const original = chain(
  ['Conv', 'a'],
  ['BatchNormalization', 'a_norm'],
  ['Relu', 'a_act'],
  ['Conv', 'b'],
  ['Relu', 'b_act'],
);

describe('matchLayers', () => {
  test("a layer whose norm was folded may stand for what the norm gave, under the layer's name", () => {
    const folded = chain(['Conv', 'a'], ['Relu', 'a_act'], ['Conv', 'b'], ['Relu', 'b_act']);
    expect(matchLayers(original, folded).map(({ value, by, candidates }) => [value, by, candidates])).toEqual(
      [
        ['a', 'name', ['a', 'a_norm']],
        ['a_act', 'name', ['a_act']],
        ['b', 'name', ['b']],
        ['b_act', 'name', ['b_act']],
      ],
    );
  });

  test('without names the weighted layers go by their order', () => {
    const nameless = chain(['Conv', '0'], ['Conv', '1'], ['Relu', '2']);
    expect(
      matchLayers(original, nameless).map(({ value, by, candidates }) => [value, by, candidates]),
    ).toEqual([
      ['0', 'place', ['a', 'a_norm', 'a_act']],
      ['1', 'place', ['b']],
    ]);
  });

  test('a product that was fused into a Gemm stays in its place', () => {
    const product = (op: string, output: string): Model => {
      const graph = new Graph();
      const x = graph.addInput('x', { dtype: 'float32', dims: [1, 4] });
      const weight = graph.constant(new Tensor('float32', new Float32Array(8), [4, 2]));
      graph.addOutput(graph.apply({ op, inputs: [x, weight] }, output));
      return new Model(graph);
    };
    const matches = matchLayers(product('MatMul', 'scores'), product('Gemm', '0'));
    expect(matches.map(({ value, by, candidates }) => [value, by, candidates])).toEqual([
      ['0', 'place', ['scores']],
    ]);
  });

  test('models with other layers are not paired by place', () => {
    expect(matchLayers(original, chain(['Conv', '0']))).toEqual([]);
  });
});
