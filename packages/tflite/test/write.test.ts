import {
  type Attribute,
  affine,
  cast,
  dense,
  float,
  Graph,
  int,
  ints,
  Model,
  quantization,
  string,
  Tensor,
  UnsupportedError,
  type Value,
  verify,
} from '@espalier/core';
import { describe, expect, test } from 'vitest';
import { decode } from '../src/flat/decode.js';
import { readTflite } from '../src/read-tflite.js';
import { builtinOperators } from '../src/schema/builtin-operators.js';
import { modelTable, type OperatorTable, type SubGraphTable } from '../src/schema/model.js';
import { tensorTypeName } from '../src/schema/tensor-types.js';
import { writeTflite } from '../src/write-tflite.js';
import { outline } from './same-model.js';

interface Written {
  readonly graph: SubGraphTable;
  readonly names: readonly string[];
}

/** The tables of the file that a graph is written to. */
function written(graph: Graph): Written {
  const file = writeTflite(new Model(graph));
  verify(readTflite(file));
  const model = decode(file, modelTable, 'Model');
  const [only] = model.subgraphs;
  if (only === undefined) throw new Error('There is no graph.');
  const nameOf = ({ opcodeIndex }: OperatorTable): string =>
    builtinOperators[model.operatorCodes[opcodeIndex]?.builtinCode ?? -1] ?? '?';
  return { graph: only, names: only.operators.map(nameOf) };
}

function floats(dims: readonly number[], value = 1): Tensor {
  return new Tensor('float32', new Float32Array(dims.reduce((a, b) => a * b, 1)).fill(value), dims);
}

function graphOf(
  build: (graph: Graph, x: Value) => Value,
  dims: readonly (number | string)[] = [1, 2, 4, 4],
): Graph {
  const graph = new Graph('main');
  const x = graph.addInput('x', { dtype: 'float32', dims });
  const y = build(graph, x);
  graph.addOutput(y);
  return graph;
}

type Attributes = Readonly<Record<string, Attribute>>;

function conv(graph: Graph, x: Value, attributes: Attributes = {}): Value {
  return graph.apply({
    op: 'Conv',
    name: 'conv',
    inputs: [x, graph.constant(floats([3, 2, 3, 3]))],
    attributes,
  });
}

describe('what a file says', () => {
  test('a Relu behind a convolution is part of it, one that others read too is not', () => {
    const fused = written(graphOf((graph, x) => graph.apply({ op: 'Relu', inputs: [conv(graph, x)] })));
    expect(fused.names).toEqual(['TRANSPOSE', 'CONV_2D', 'TRANSPOSE']);
    const shared = graphOf((graph, x) => {
      const y = conv(graph, x);
      return graph.apply({ op: 'Add', inputs: [graph.apply({ op: 'Relu', inputs: [y] }), y] });
    });
    expect(written(shared).names).toEqual(['TRANSPOSE', 'CONV_2D', 'RELU', 'ADD', 'TRANSPOSE']);
  });

  test.each<[string, Attributes, readonly string[]]>([
    ['none is VALID', {}, ['TRANSPOSE', 'CONV_2D', 'TRANSPOSE']],
    ['what SAME stands for is SAME', { pads: ints([1, 1, 1, 1]) }, ['TRANSPOSE', 'CONV_2D', 'TRANSPOSE']],
    [
      'any other stands before it',
      { pads: ints([1, 1, 1, 1]), strides: ints([2, 2]) },
      ['TRANSPOSE', 'PAD', 'CONV_2D', 'TRANSPOSE'],
    ],
  ])('padding: %s', (_, attributes, names) => {
    expect(written(graphOf((graph, x) => conv(graph, x, attributes))).names).toEqual(names);
  });

  test('what fusion made of several operators is several again', () => {
    const one = (op: string, attributes: Attributes = {}) =>
      written(graphOf((graph, x) => graph.apply({ op, inputs: [x], attributes }))).names;
    expect(one('Swish')).toEqual(['LOGISTIC', 'MUL']);
    expect(one('Swish', { alpha: float(2) })).toEqual(['MUL', 'LOGISTIC', 'MUL']);
    expect(one('Reciprocal')).toEqual(['DIV']);
    const norm = graphOf((graph, x) =>
      graph.apply({
        op: 'LayerNormalization',
        inputs: [x, graph.constant(floats([4])), graph.constant(floats([4]))],
      }),
    );
    expect(written(norm).names).toEqual(['MEAN', 'SUB', 'MUL', 'MEAN', 'ADD', 'RSQRT', 'MUL', 'MUL', 'ADD']);
  });

  test('all three operands of Where', () => {
    const { graph } = written(
      graphOf((own, x) => {
        const isLess = own.apply({ op: 'Less', inputs: [x, own.constant(floats([1], 0))] });
        return own.apply({ op: 'Where', inputs: [isLess, x, own.constant(floats([1, 2, 1, 1], 3))] });
      }),
    );
    expect(graph.operators.at(-1)?.inputs.length).toBe(3);
  });

  test('an output that is an input, and one that is handed out twice, have tensors of their own', () => {
    const graph = new Graph('main');
    const x = graph.addInput('x', { dtype: 'float32', dims: [2] });
    const same = graph.apply({ op: 'Identity', inputs: [x] }, 'same');
    const y = graph.apply({ op: 'Relu', inputs: [x] }, 'y');
    const twice = graph.apply({ op: 'Identity', inputs: [y] }, 'twice');
    for (const value of [same, y, twice]) graph.addOutput(value);
    const file = written(graph).graph;
    expect(new Set([...file.inputs, ...file.outputs]).size).toBe(4);
    expect(file.outputs.map((index) => file.tensors[index]?.name)).toEqual(['same', 'y', 'twice']);
  });

  test('float16 weights stay float16, integers beside reals stay integers', () => {
    const half = cast(dense(new Tensor('float16', new Uint16Array(8).fill(0x3c00), [4, 2])));
    const codes = affine(
      dense(new Tensor('int8', new Int8Array(4).fill(3), [1, 4])),
      quantization({ scale: Float32Array.of(0.5), axis: 0 }),
    );
    const layer = (graph: Graph, x: Value, weight: typeof half | typeof codes): Value =>
      graph.apply({ op: 'Gemm', inputs: [x, graph.constant(weight)], attributes: { transB: int(1) } });
    const own = graphOf((graph, x) => layer(graph, layer(graph, x, half), codes), ['N', 2]);
    const { graph, names } = written(own);
    expect(names).toEqual(['DEQUANTIZE', 'FULLY_CONNECTED', 'DEQUANTIZE', 'FULLY_CONNECTED']);
    const types = graph.tensors.map(({ type }) => tensorTypeName(type));
    expect(types.filter((type) => type === 'FLOAT16' || type === 'INT8')).toEqual(['FLOAT16', 'INT8']);
    expect(
      outline(readTflite(writeTflite(new Model(own)))).filter((line) => line.includes('= Gemm')),
    ).toEqual([
      expect.stringContaining('cast(source: float16)'),
      expect.stringContaining('affine(codes: int8)'),
    ]);
  });
});

describe('codes', () => {
  const grid = quantization({ scale: 0.5, zeroPoint: 3 });
  const other = quantization({ scale: 0.25, zeroPoint: -4 });
  const apply = (
    graph: Graph,
    op: string,
    inputs: readonly Value[],
    q = grid,
    attributes: Attributes = {},
  ): Value => {
    const value = graph.apply({ op, inputs, attributes });
    graph.setType(value, { dtype: 'float32', dims: null, quantization: q });
    return value;
  };
  const quantized = (graph: Graph, x: Value, q = grid): Value => apply(graph, 'Identity', [x], q);

  test('on several grids are brought to one before they are joined, constants too', () => {
    const constant = affine(dense(new Tensor('int8', Int8Array.of(1, 2, 3, 4), [1, 4])), other);
    const { names } = written(
      graphOf(
        (graph, x) =>
          apply(
            graph,
            'Concat',
            [quantized(graph, x), quantized(graph, x, other), graph.constant(constant)],
            grid,
            { axis: int(1) },
          ),
        [1, 4],
      ),
    );
    expect(names).toEqual(['QUANTIZE', 'QUANTIZE', 'QUANTIZE', 'QUANTIZE', 'CONCATENATION', 'DEQUANTIZE']);
  });

  test('a Softmax that is not on 1/256 is computed in reals', () => {
    const of = (q: typeof grid): readonly string[] =>
      written(graphOf((graph, x) => apply(graph, 'Softmax', [quantized(graph, x)], q), [1, 4])).names;
    expect(of(quantization({ scale: 1 / 256, zeroPoint: -128 }))).toEqual([
      'QUANTIZE',
      'SOFTMAX',
      'DEQUANTIZE',
    ]);
    expect(of(other)).toEqual(['QUANTIZE', 'DEQUANTIZE', 'SOFTMAX', 'QUANTIZE', 'DEQUANTIZE']);
  });

  test('of uint8 are written as int8', () => {
    const bytes = quantization({ scale: 0.5, zeroPoint: 100, storageType: 'uint8' });
    const { graph } = written(
      graphOf((own, x) => apply(own, 'Relu', [quantized(own, x, bytes)], bytes), [1, 4]),
    );
    const codes = graph.tensors.filter(({ type }) => tensorTypeName(type) === 'INT8');
    expect(codes.map(({ quantization: q }) => q?.zeroPoint)).toEqual([[-28], [-28]]);
  });

  test('channel by channel are refused', () => {
    const channels = quantization({ scale: Float32Array.of(1, 2, 3, 4), axis: 1 });
    const graph = graphOf((own, x) => apply(own, 'Relu', [x], channels), [1, 4]);
    expect(() => writeTflite(new Model(graph))).toThrow(/quantized to int8 channel by channel/);
  });
});

test('all operators that a file can not say are named at once', () => {
  const graph = graphOf(
    (own, x) => {
      const a = own.apply({ op: 'Erf', name: 'first', inputs: [x] });
      return own.apply({ op: 'Acos', name: 'second', inputs: [a] });
    },
    [1, 4],
  );
  expect(() => writeTflite(new Model(graph))).toThrow(UnsupportedError);
  expect(() => writeTflite(new Model(graph))).toThrow(/Acos \("second"\), Erf \("first"\)/);
});

test.each<[string, (graph: Graph, x: Value) => Value, RegExp]>([
  [
    'scales that give no whole size',
    (graph, x) =>
      graph.apply({
        op: 'Resize',
        inputs: [x, null, graph.constant(new Tensor('float32', Float32Array.of(1, 1, 1.3, 1.3)))],
        attributes: { mode: string('linear') },
      }),
    /scales/,
  ],
  [
    'a mean that leaves out padding which is not SAME',
    (graph, x) =>
      graph.apply({
        op: 'AveragePool',
        inputs: [x],
        attributes: { kernel_shape: ints([3, 3]), pads: ints([2, 2, 2, 2]) },
      }),
    /padding/,
  ],
  [
    'an alpha of Gemm',
    (graph, x) => {
      const rows = graph.apply({ op: 'Flatten', inputs: [x] });
      const weights = graph.constant(floats([32, 3]));
      return graph.apply({ op: 'Gemm', inputs: [rows, weights], attributes: { alpha: float(2) } });
    },
    /alpha/,
  ],
  [
    'a bias for each row',
    (graph, x) => {
      const rows = graph.apply({ op: 'Reshape', inputs: [x, graph.constant(int64(2, 16))] });
      const inputs = [rows, graph.constant(floats([16, 2])), graph.constant(floats([2, 1]))];
      return graph.apply({ op: 'Gemm', inputs });
    },
    /bias is \[2, 1\] for 2 channels/,
  ],
])('%s is refused', (_, build, message) => {
  expect(() => writeTflite(new Model(graphOf(build)))).toThrow(message);
});

function int64(...values: readonly number[]): Tensor {
  return new Tensor('int64', BigInt64Array.from(values, BigInt), [values.length]);
}
