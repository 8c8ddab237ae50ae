import { expect, test } from 'vitest';
import { codebook } from '../encoding/codebook.js';
import { dense } from '../encoding/dense.js';
import { Tensor } from '../tensor/tensor.js';
import { float, floats, int, ints, string, strings, tensor } from './attributes.js';
import { Graph } from './graph.js';
import { Model } from './model.js';
import { printModel } from './printer.js';
import { printType, quantization, shortNumber } from './value-type.js';

test('a model prints as inputs, constants where they are read first, nodes and outputs', () => {
  const graph = new Graph();
  const x = graph.addInput('x', { dtype: 'float32', dims: ['N', 2] });
  const small = graph.constant(new Tensor('float32', Float32Array.of(1, 0.1, -2, 1e-7), [2, 2]), 'w');
  const large = graph.constant(new Tensor('int64', new BigInt64Array(17)), 'big');
  const book = dense(new Tensor('float32', Float32Array.of(1, 2)));
  const shared = codebook(book, dense(new Tensor('uint8', Uint8Array.of(1, 0))));
  const y = graph.apply({ op: 'MatMul', inputs: [x, small] }, 'y', { dtype: 'float32', dims: ['N', 2] });
  const outputs = [graph.addValue('p'), null, graph.addValue('q', { dtype: 'bool', dims: null })];
  graph.addNode({ op: 'Odd', domain: 'acme', inputs: [y, null, large, small], outputs });
  graph.addOutput(y);
  graph.addOutput(graph.constant(shared, 's'));
  expect(printModel(new Model(graph))).toBe(
    `input x: float32[N, 2]
constant w: float32[2, 2] = float32 [1, 0.1, -2, 1e-7]
y: float32[N, 2] = MatMul(x, w)
constant big: int64[17] = int64
p: ?, _, q: bool[...] = acme.Odd(y, _, big, w)
output y
constant s: float32[2] = codebook(centroids: float32, indices: uint8) [2, 1]
output s
`,
  );
});

test('attributes print by name, floats with a point, so that text tells them from integers', () => {
  const graph = new Graph();
  const x = graph.addInput('x', { dtype: 'float32', dims: [] });
  const attributes = {
    z: int(3),
    a: float(3),
    b: float(0.1),
    c: string('say "hi"'),
    d: ints([1, -1]),
    e: floats([1, 0.5]),
    f: strings(['u', 'v']),
    g: tensor(new Tensor('int8', Int8Array.of(-1, 2))),
  };
  graph.addOutput(graph.apply({ op: 'Op', inputs: [x], attributes }, 'y'));
  expect(printModel(new Model(graph))).toContain(
    'y: ? = Op(x) { a: 3.0, b: 0.1, c: "say \\"hi\\"", d: [1, -1], e: [1.0, 0.5], f: ["u", "v"], g: int8[2] [-1, 2], z: 3 }',
  );
});

test('types print with their quantization', () => {
  const dims = [2, 'N'];
  expect(printType(null)).toBe('?');
  expect(printType({ dtype: 'int8', dims: [] })).toBe('int8[]');
  const perTensor = quantization({ scale: 0.1, zeroPoint: 3, storageType: 'uint8' });
  expect(printType({ dtype: 'float32', dims, quantization: perTensor })).toBe(
    'float32[2, N] q uint8 scale 0.1 zero 3',
  );
  const perAxis = quantization({ scale: Float32Array.of(1, 2), axis: 0 });
  expect(printType({ dtype: 'float32', dims, quantization: perAxis })).toBe(
    'float32[2, N] q int8 scale per axis 0',
  );
});

test('a float32 prints with the fewest digits that give it back', () => {
  expect(
    [0.1, 1 / 3, 16777216, 1e-45, 3.4028234663852886e38, -0.5].map(Math.fround).map(shortNumber),
  ).toEqual(['0.1', '0.33333334', '16777216', '1e-45', '3.4028235e+38', '-0.5']);
});
