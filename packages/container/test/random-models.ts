import {
  type Attribute,
  affine,
  allocate,
  bytesPerElement,
  cast,
  codebook,
  coreEncodings,
  type DataType,
  type Dim,
  dataTypes,
  dense,
  type Encoding,
  type EncodingKind,
  elementCount,
  float,
  floats,
  fromBytes,
  Graph,
  gapsOf,
  type IntegerType,
  int,
  ints,
  Model,
  packed,
  quantization,
  sparse,
  string,
  strings,
  Tensor,
  tensor,
  type Value,
  type ValueType,
} from '@espalier/core';
import fc, { type Arbitrary, type GeneratorValue } from 'fast-check';
import { SealedEncoding, sealedKind, turned, turnedKind } from './test-kinds.js';

/** All kinds the random models use. */
export const allKinds: readonly EncodingKind[] = [...coreEncodings, turnedKind, sealedKind];

const text = fc.string({ unit: 'grapheme', maxLength: 12 });
const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 });
const storageTypes: readonly IntegerType[] = ['int8', 'uint8', 'int16', 'uint16', 'int32', 'uint32'];
const dims = fc.array(fc.nat({ max: 5 }), { maxLength: 4 });
const float32 = fc.float();

const sizes = (rank: number): Arbitrary<readonly number[]> =>
  fc.array(fc.nat({ max: 5 }), { minLength: rank, maxLength: 4 });

/** Random bits, so that NaNs of all kinds are among them; bool is 0 or 1. */
function bits(g: GeneratorValue, type: DataType, shape: readonly number[]): Tensor {
  const length = elementCount(shape) * bytesPerElement(type);
  const bytes = g(fc.uint8Array, { minLength: length, maxLength: length });
  const masked = type === 'bool' ? bytes.map((byte) => byte & 1) : Uint8Array.from(bytes);
  return new Tensor(type, fromBytes(type, masked), shape);
}

/** A random tree over `plain` for symbols. */
function encodeSymbols(g: GeneratorValue, symbols: Tensor<'uint8'>, depth: number): Encoding {
  const widest = symbols.data.reduce((most, symbol) => Math.max(most, symbol), 1);
  switch (g(fc.nat, { max: depth > 0 ? 4 : 2 })) {
    case 0:
      return dense(symbols);
    case 1:
      return packed(symbols, Math.max(1, Math.ceil(Math.log2(widest + 1))));
    case 2:
      return turned(symbols);
    case 3:
      return new SealedEncoding(encodeSymbols(g, symbols, depth - 1));
    default:
      return encodeSparse(g, symbols, depth - 1);
  }
}

function encodeSparse(g: GeneratorValue, full: Tensor, depth: number): Encoding {
  const positions = Uint32Array.from(full.data.keys()).filter((i) => !Object.is(Number(full.data[i]), 0));
  const kept = allocate(full.type, positions.length);
  for (const [i, position] of positions.entries()) kept[i] = full.data[position] ?? 0;
  const skip = g(fc.integer, { min: 1, max: 255 });
  const gaps = gapsOf(positions, full.size, skip);
  return sparse(
    encodeSymbols(g, new Tensor('uint8', gaps), depth),
    encode(g, new Tensor(full.type, kept), depth),
    full.dims,
    skip,
  );
}

function encodeAffine(g: GeneratorValue, shape: readonly number[], depth: number): Encoding {
  const axis = shape.length === 0 ? null : g(fc.option, fc.nat({ max: shape.length - 1 }));
  const slices = axis === null ? 1 : (shape[axis] ?? 0);
  const perTensor = slices === 0; // a quantization has at least one scale
  const count = perTensor ? 1 : slices;
  const storageType = g(fc.constantFrom, ...storageTypes);
  return affine(
    encode(g, bits(g, storageType, shape), depth),
    quantization({
      scale: Float32Array.from({ length: count }, () => g(positive)),
      zeroPoint: Int32Array.from({ length: count }, () => g(fc.constantFrom, 0, 0, 1, 100)),
      axis: perTensor ? null : axis,
      storageType,
    }),
  );
}

const positive = (): Arbitrary<number> =>
  fc.float({ min: Math.fround(1e-30), max: Math.fround(1e30), noNaN: true });

function encodeCodebook(g: GeneratorValue, shape: readonly number[], depth: number): Encoding {
  const k = g(fc.integer, { min: 1, max: 256 });
  const axis = shape.length === 0 ? null : g(fc.option, fc.nat({ max: shape.length - 1 }));
  const slices = axis === null ? [] : [shape[axis] ?? 0];
  const indices = (bits(g, 'uint8', shape) as Tensor<'uint8'>).data.map((index) => index % k);
  return codebook(
    encode(g, bits(g, 'float32', [...slices, k]), depth),
    encodeSymbols(g, new Tensor('uint8', indices, shape), depth),
    axis,
  );
}

/** A random tree that decodes to `full`, or for float32 sometimes to something of its shape. */
export function encode(g: GeneratorValue, full: Tensor, depth: number): Encoding {
  if (depth <= 0) return dense(full);
  const choices = full.type === 'float32' ? 6 : full.type === 'uint8' ? 3 : 2;
  switch (g(fc.nat, { max: choices })) {
    case 0:
      return dense(full);
    case 1:
      return new SealedEncoding(encode(g, full, depth - 1));
    case 2:
      return encodeSparse(g, full, depth - 1);
    case 3:
      return full.type === 'uint8'
        ? encodeSymbols(g, full as Tensor<'uint8'>, depth - 1)
        : encodeAffine(g, full.dims, depth - 1);
    case 4:
      return encodeCodebook(g, full.dims, depth - 1);
    case 5:
      return cast(encode(g, bits(g, 'float16', full.dims), depth - 1));
    default:
      return encodeAffine(g, full.dims, depth - 1);
  }
}

/** Encodings of every type, nested at random. */
export const encodings: Arbitrary<Encoding> = fc.gen().map((g) =>
  encode(
    g,
    bits(
      g,
      g(fc.constantFrom, ...dataTypes),
      g(() => dims),
    ),
    4,
  ),
);

function attribute(g: GeneratorValue): Attribute {
  const safe = fc.maxSafeInteger().map((value) => value + 0); // no -0: the file's integers have none
  switch (g(fc.nat, { max: 6 })) {
    case 0:
      return int(g(() => safe));
    case 1:
      return float(g(() => float32));
    case 2:
      return string(g(() => text));
    case 3:
      return tensor(
        bits(
          g,
          g(fc.constantFrom, ...dataTypes),
          g(() => dims),
        ),
      );
    case 4:
      return ints(g(() => fc.array(safe, { maxLength: 4 })));
    case 5:
      return floats(g(() => fc.array(float32, { maxLength: 4 })));
    default:
      return strings(g(() => fc.array(text, { maxLength: 3 })));
  }
}

function valueType(g: GeneratorValue): ValueType {
  const dtype = g(fc.constantFrom, ...dataTypes);
  const dim: Arbitrary<Dim> = fc.oneof(fc.nat(), name);
  const shape = g(() => fc.option(fc.array(dim, { maxLength: 4 })));
  if (!dtype.startsWith('float') || !g(fc.boolean)) return { dtype, dims: shape };
  const storageType = g(fc.constantFrom, 'int8' as const, 'uint8' as const);
  const scale = g(positive);
  const perTensor = quantization({ scale, zeroPoint: g(fc.constantFrom, 0, 7, 127), storageType });
  return { dtype, dims: shape, quantization: perTensor };
}

function randomModel(g: GeneratorValue): Model {
  const graph = new Graph(g(() => text));
  const values: Value[] = [];
  for (let i = g(fc.nat, { max: 3 }); i > 0; i--) {
    values.push(graph.addInput(`${g(() => name)}.in${i}`, valueType(g)));
  }
  for (let i = g(fc.nat, { max: 3 }); i > 0; i--) {
    const full = bits(
      g,
      g(fc.constantFrom, ...dataTypes),
      g(() => sizes(0)),
    );
    values.push(graph.constant(encode(g, full, 2), `${g(() => name)}.c${i}`));
  }
  for (let i = g(fc.integer, { min: 1, max: 5 }); i > 0; i--) {
    const outputs = Array.from({ length: g(fc.integer, { min: 1, max: 3 }) }, (_, index) =>
      index > 0 && g(fc.boolean)
        ? null
        : graph.addValue(`${g(() => name)}.v${i}`, g(fc.boolean) ? valueType(g) : null),
    );
    graph.addNode({
      // No operators of ONNX: the reader would infer their types, and these nodes mean nothing.
      op: g(fc.constantFrom, 'Convolve', 'Multiply', 'Acme'),
      domain: g(fc.constantFrom, '', '', 'acme'),
      name: g(() => text),
      attributes: g(() => fc.uniqueArray(text, { maxLength: 3 })).map((key) => [key, attribute(g)] as const),
      inputs: g(() => fc.array(fc.option(fc.nat()), { maxLength: 4 })).map((index) =>
        index === null || values.length === 0 ? null : (values[index % values.length] ?? null),
      ),
      outputs,
    });
    for (const output of outputs) if (output !== null) values.push(output);
  }
  for (let i = g(fc.integer, { min: 1, max: 3 }); i > 0; i--) {
    graph.addOutput(values[g(fc.nat) % values.length] as Value); // a node gave at least one
  }
  return new Model(graph, {
    metadata: g(() => fc.array(fc.tuple(text, text), { maxLength: 3 })),
    requantization: g(fc.constantFrom, 'onnx', 'tflite', 'tflite-double'),
  });
}

/** Models with every kind of attribute, type and encoding; most mean nothing to a runtime. */
export const models: Arbitrary<Model> = fc.gen().map(randomModel);
