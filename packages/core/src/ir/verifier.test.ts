import { expect, test } from 'vitest';
import { Tensor } from '../tensor/tensor.js';
import { Attributes, float, floats, int } from './attributes.js';
import { Graph } from './graph.js';
import { Model } from './model.js';
import { quantization, sameQuantization, staticDims, type ValueType } from './value-type.js';
import { verify } from './verifier.js';

const vector: ValueType = { dtype: 'float32', dims: [2] };

function graphOf(type: ValueType = vector): Graph {
  const graph = new Graph();
  graph.addOutput(graph.addInput('x', type));
  return graph;
}

test.each<{ fault: string; make: () => Graph; message: RegExp }>([
  { fault: 'no outputs', make: () => new Graph(), message: /no outputs/ },
  {
    fault: 'a value that nothing computes',
    make: () => {
      const graph = graphOf();
      graph.apply({ op: 'Relu', inputs: [graph.addValue('lost')] });
      return graph;
    },
    message: /Nothing computes the value "lost"[\s\S]*\(Relu\), input 0/,
  },
  {
    fault: 'a node without an operator',
    make: () => {
      const graph = graphOf();
      graph.apply({ op: '', inputs: [] }, 'y');
      return graph;
    },
    message: /no operator/,
  },
  {
    fault: 'a node without outputs',
    make: () => {
      const graph = graphOf();
      graph.addNode({ op: 'Relu', inputs: [], outputs: [null] });
      return graph;
    },
    message: /no outputs/,
  },
  { fault: 'a negative dim', make: () => graphOf({ dtype: 'float32', dims: [-1] }), message: /A dim is -1/ },
  { fault: 'half a dim', make: () => graphOf({ dtype: 'float32', dims: [0.5] }), message: /A dim is 0.5/ },
  {
    fault: 'a constant with another type',
    make: () => {
      const graph = graphOf();
      graph.setType(graph.constant(new Tensor('float32', new Float32Array(2))), { dtype: 'int8', dims: [2] });
      return graph;
    },
    message: /has another type/,
  },
  {
    fault: 'a quantized integer',
    make: () => graphOf({ dtype: 'int32', dims: [2], quantization: quantization({ scale: 1 }) }),
    message: /int32 value has a quantization/,
  },
  {
    fault: 'a zero point outside its type',
    make: () => graphOf({ ...vector, quantization: quantization({ scale: 1, zeroPoint: 128 }) }),
    message: /outside int8/,
  },
  {
    fault: 'too few scales',
    make: () => graphOf({ ...vector, quantization: quantization({ scale: Float32Array.of(1), axis: 0 }) }),
    message: /1 scales for 2 slices/,
  },
])('a model with $fault is refused', ({ make, message }) => {
  expect(() => verify(new Model(make()))).toThrow(message);
});

test('quantizations are the same where they give the same reals for the same codes', () => {
  const one = quantization({ scale: Float32Array.of(1, 2), axis: 0 });
  expect(sameQuantization(one, quantization({ scale: Float32Array.of(1, 2), axis: 0 }))).toBe(true);
  expect(sameQuantization(one, quantization({ scale: Float32Array.of(1, 2), axis: 1 }))).toBe(false);
  expect(sameQuantization(one, quantization({ scale: Float32Array.of(1, 3), axis: 0 }))).toBe(false);
  expect(sameQuantization(one, undefined)).toBe(false);
  expect(sameQuantization(undefined, undefined)).toBe(true);
});

test('dims are static where all of them are numbers', () => {
  expect(staticDims(vector)).toEqual([2]);
  expect(staticDims({ dtype: 'float32', dims: ['N', 2] })).toBeNull();
  expect(staticDims({ dtype: 'float32', dims: null })).toBeNull();
  expect(staticDims(null)).toBeNull();
});

test('attributes are read by name and type, and changed into new ones', () => {
  const attributes = new Attributes({ axis: int(1), alpha: float(0.1) });
  expect(attributes.int('axis', 0)).toBe(1);
  expect(attributes.float('alpha')).toBe(Math.fround(0.1));
  expect(attributes.int('missing', 7)).toBe(7);
  expect(() => attributes.int('alpha')).toThrow(/"alpha" is a float, a int is expected/);
  const changed = attributes.with({ axis: undefined, beta: floats([0.1]) });
  expect([...changed].map(([name]) => name)).toEqual(['alpha', 'beta']);
  expect(changed.floats('beta')).toEqual([Math.fround(0.1)]);
  expect(attributes.size).toBe(2);
});
