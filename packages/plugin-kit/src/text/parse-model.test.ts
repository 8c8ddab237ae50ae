import {
  Attributes,
  float,
  floats,
  Graph,
  int,
  ints,
  Model,
  printModel,
  string,
  strings,
  tensor,
  tensorOf,
} from '@espalier/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { buildModel } from '../build-model.js';
import { parseModel } from './parse-model.js';

const text = `input x: float32[N, 3, 8, 8]
constant w: float32[2, 3, 1, 1] = float32 [1, 0.1, -2, 0, 1e-7, 3]
y: float32[N, 2, 8, 8] q int8 scale 0.02 zero 3 = Conv(x, w, _) { group: 1, name: "a, b", pads: [0, 0, 0, 0] }
constant k: uint8[4] = packed [0, 1, 2, 3]
constant s: float32[6] = sparse(gaps: uint8, values: float32) [0, 0, 2, 0, 3, 0]
constant c: float32[3] = codebook(centroids: float32, indices: packed) [0.5, -1, 0.5]
a: ?, _, b: int64[...] = com.example.Odd(y, k, s, c) { empty: [], f: 1.0, fs: [1.0, 2.5], names: ["p", "q"], t: int64[2] [7, -8] }
output a
output b
`;

describe('parseModel', () => {
  test('printModel gives the same text back', () => {
    expect(printModel(parseModel(text))).toBe(text);
  });

  test('every attribute comes back with its type', () => {
    const numbers = fc.float({ noNaN: true });
    const attribute = fc.oneof(
      fc.maxSafeInteger().map(int),
      numbers.map(float),
      fc.string().map(string),
      fc.array(fc.integer()).map(ints),
      fc.array(numbers, { minLength: 1 }).map(floats),
      fc.array(fc.string(), { minLength: 1 }).map(strings),
      fc.array(fc.integer(), { maxLength: 4 }).map((values) => tensor(tensorOf('int32', values))),
    );
    fc.assert(
      fc.property(attribute, (value) => {
        const graph = new Graph();
        const x = graph.addInput('x', { dtype: 'float32', dims: [] });
        graph.addOutput(graph.apply({ op: 'Op', inputs: [x], attributes: { value } }, 'y'));
        const [node] = parseModel(printModel(new Model(graph))).graph.nodes;
        expect(new Attributes(node?.attributes).get('value')).toEqual(value);
      }),
    );
  });

  test('a negative zero stays one', () => {
    const zeros =
      'input x: float32[2]\nconstant z: float32[2] = float32 [-0, 0]\ny: float32[2] = Add(x, z) { f: -0.0 }\noutput y\n';
    expect(printModel(parseModel(zeros))).toBe(zeros);
  });

  test('shorthands fill constants', () => {
    const { graph } = parseModel(`constant a: float32[3] = fill(0.5)
constant b: float32[3] = ramp
constant c: float32[3] = ramp(1, 0.5)
constant d: float32[2] = random(7, 2, 3)
constant e: float32[2] = random(7, 2, 3)
constant f: int64[] = [5]
y = Concat(a, b, c, d, e) { axis: 0 }
output y`);
    const decoded = (name: string) => Array.from(graph.value(name)?.constant?.decode().data ?? [], Number);
    expect(decoded('a')).toEqual([0.5, 0.5, 0.5]);
    expect(decoded('b')).toEqual([0, 1, 2]);
    expect(decoded('c')).toEqual([1, 1.5, 2]);
    expect(decoded('d').every((x) => x >= 2 && x < 3)).toBe(true);
    expect(decoded('d')).toEqual(decoded('e'));
    expect(decoded('f')).toEqual([5]);
  });

  test.each([
    ['y = Relu(x)', 'nothing above is named "x"'],
    ['input x: float99[2]', 'no element type'],
    ['input x: float32[2', '"]" is expected'],
    ['input x: float32[2]\nx = Relu(x)', 'there already'],
    ['constant w: float32[2] = [1]', '1 elements do not fill'],
    ['constant w: float32[N] = [1]', 'without open dims'],
    ['constant w: float32[1] = wavelet [1]', '"wavelet" can\'t be written'],
    ['input x: float32[2] and more', 'should end here'],
  ])('%j is refused with its place', (bad, message) => {
    expect(() => parseModel(bad)).toThrow(
      expect.objectContaining({ code: 'FORMAT', message: expect.stringContaining(message) }),
    );
    expect(() => parseModel(bad)).toThrow(/line \d+, column \d+/);
  });
});

test('buildModel gives a checked model with its shapes inferred', () => {
  const model = buildModel((m) => {
    const x = m.input('x', ['N', 3, 8, 8]);
    const y = m.node(
      'Conv',
      [x, m.random('w', [4, 3, 3, 3])],
      { pads: [1, 1, 1, 1], auto_pad: 'NOTSET' },
      'y',
    );
    m.output(m.node('LeakyRelu', [y], { alpha: float(0.5) }, 'z'));
  });
  expect(printModel(model)).toContain('z: float32[N, 4, 8, 8] = LeakyRelu(y) { alpha: 0.5 }');
  expect(() => buildModel((m) => m.output(m.node('Conv', [m.input('x', [1, 2, 3])])))).toThrow(
    /input 1 is missing/,
  );
});
