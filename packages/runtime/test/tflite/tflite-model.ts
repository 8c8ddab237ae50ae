import {
  affine,
  dense,
  float,
  Graph,
  int,
  ints,
  Model,
  type NodeSpec,
  type Quantization,
  quantization,
  type RequantizationRule,
  string,
  Tensor,
  type Value,
} from '@espalier/core';
import { type FileOperator, type FileTensor, readTflite } from './tflite-file.js';

type AttributeMap = NonNullable<Extract<NodeSpec['attributes'], Readonly<Record<string, unknown>>>>;

/** A .tflite model of the operators that the goldens have, as an IR model: for tests. */
export function tfliteModel(bytes: Uint8Array, rule: RequantizationRule): Model {
  return new ModelBuilder(bytes).build(rule);
}

const toImages = [0, 3, 1, 2];
const fromImages = [0, 2, 3, 1];

class ModelBuilder {
  readonly #file: ReturnType<typeof readTflite>;
  readonly #graph = new Graph();
  readonly #values = new Map<FileTensor, Value>();

  constructor(bytes: Uint8Array) {
    this.#file = readTflite(bytes);
  }

  build(requantization: RequantizationRule): Model {
    for (const tensor of this.#file.inputs) this.#values.set(tensor, this.#input(tensor));
    for (const operator of this.#file.operators) this.#operator(operator);
    for (const tensor of this.#file.outputs) this.#output(tensor);
    return new Model(this.#graph, { requantization });
  }

  #input(tensor: FileTensor): Value {
    const { name, type, dims, quantization: grid } = tensor;
    const value = this.#graph.addInput(name, { dtype: type, dims });
    if (grid === null) return value;
    const inputs = [value, ...this.#gridInputs(tensor)];
    return this.#apply('DequantizeLinear', inputs, dims, grid);
  }

  #output(tensor: FileTensor): void {
    const value = this.#value(tensor);
    const { name, type, dims, quantization: grid } = tensor;
    const result =
      grid === null
        ? value
        : this.#graph.apply({ op: 'QuantizeLinear', inputs: [value, ...this.#gridInputs(tensor)] }, name, {
            dtype: type,
            dims,
          });
    if (grid === null && result.name !== name) this.#graph.rename(result, name);
    this.#graph.addOutput(result);
  }

  #gridInputs({ type, quantization: grid }: FileTensor): readonly Value[] {
    const zero =
      type === 'int16' ? Int16Array.from(grid?.zeroPoint ?? []) : Int8Array.from(grid?.zeroPoint ?? []);
    return [
      this.#graph.constant(new Tensor('float32', grid?.scale ?? Float32Array.of(1), [])),
      this.#graph.constant(new Tensor<'int8' | 'int16'>(type === 'int16' ? 'int16' : 'int8', zero, [])),
    ];
  }

  /** A value of the graph for a tensor: constants on a grid stay codes. */
  #value(tensor: FileTensor | null | undefined): Value {
    if (tensor == null) throw new Error('An operator lacks an input.');
    const known = this.#values.get(tensor);
    if (known !== undefined) return known;
    if (tensor.data === null) throw new Error(`Nothing computes "${tensor.name}".`);
    const { data, quantization: grid } = tensor;
    const value = this.#graph.constant(grid === null ? data : affine(dense(data), grid));
    this.#values.set(tensor, value);
    return value;
  }

  #apply(
    op: string,
    inputs: readonly (Value | null)[],
    dims: readonly number[],
    grid: Quantization | null,
    attributes: AttributeMap = {},
  ): Value {
    return this.#graph.apply({ op, inputs, attributes }, '', {
      dtype: 'float32',
      dims,
      ...(grid === null ? {} : { quantization: grid }),
    });
  }

  #int64(values: readonly number[]): Value {
    return this.#graph.constant(new Tensor('int64', BigInt64Array.from(values, BigInt), [values.length]));
  }

  /** The tensor as [N, C, H, W]. */
  #images(tensor: FileTensor | null | undefined): Value {
    const value = this.#value(tensor);
    const dims = toImages.map((axis) => tensor?.dims[axis] ?? 1);
    return this.#apply('Transpose', [value], dims, tensor?.quantization ?? null, { perm: ints(toImages) });
  }

  /** Keeps a result that is [N, C, H, W], with its fused activation. */
  #keepImages(to: FileTensor, value: Value, activation = 0): void {
    const dims = toImages.map((axis) => to.dims[axis] ?? 1);
    const activated = this.#activated(value, dims, to.quantization, activation);
    this.#keep(
      to,
      this.#apply('Transpose', [activated], to.dims, to.quantization, { perm: ints(fromImages) }),
    );
  }

  #keep(to: FileTensor | undefined, value: Value): void {
    if (to !== undefined) this.#values.set(to, value);
  }

  /** The value behind a fused activation: NONE, RELU, RELU_N1_TO_1, RELU6. */
  #activated(value: Value, dims: readonly number[], grid: Quantization | null, activation: number): Value {
    if (activation === 0) return value;
    if (activation === 1) return this.#apply('Relu', [value], dims, grid);
    if (activation > 3) throw new Error(`unsupported: fused activation ${activation}`);
    const bounds = activation === 2 ? [-1, 1] : [0, 6];
    const inputs = bounds.map((bound) =>
      this.#graph.constant(new Tensor('float32', Float32Array.of(bound), [])),
    );
    return this.#apply('Clip', [value, ...inputs], dims, grid);
  }

  #operator(operator: FileOperator): void {
    const { code, inputs, outputs, options } = operator;
    const [to] = outputs;
    if (to === undefined) throw new Error('An operator has no output.');
    const plain = (op: string, attributes: AttributeMap = {}, activation = 0): void => {
      const value = this.#apply(
        op,
        inputs.map((one) => this.#value(one)),
        to.dims,
        to.quantization,
        attributes,
      );
      this.#keep(to, this.#activated(value, to.dims, to.quantization, activation));
    };
    switch (code) {
      case 0:
        plain('Add', {}, options?.byte(0));
        break;
      case 1:
      case 17:
        this.#pool(operator, to, code === 1 ? 'AveragePool' : 'MaxPool');
        break;
      case 2:
        plain('Concat', { axis: int(options?.int(0) ?? 0) }, options?.byte(1));
        break;
      case 3:
      case 4:
        this.#convolution(operator, to, code === 4);
        break;
      case 6:
      case 114:
        plain('Identity');
        break;
      case 9:
        this.#fullyConnected(operator, to);
        break;
      case 14:
        plain('Sigmoid');
        break;
      case 18:
        plain('Mul', {}, options?.byte(0));
        break;
      case 19:
        plain('Relu');
        break;
      case 21:
        this.#keep(to, this.#activated(this.#value(inputs[0]), to.dims, to.quantization, 3));
        break;
      case 22:
        this.#reshape(inputs[0], to);
        break;
      case 23:
      case 97:
        this.#resize(operator, to, code === 23 ? 'linear' : 'nearest');
        break;
      case 25:
        this.#softmax(operator, to);
        break;
      case 28:
        plain('Tanh');
        break;
      case 34:
      case 60:
        this.#pad(operator, to);
        break;
      case 39:
        this.#keep(
          to,
          this.#apply('Transpose', [this.#value(inputs[0])], to.dims, to.quantization, {
            perm: ints(constantInts(inputs[1])),
          }),
        );
        break;
      case 40:
      case 74:
      case 82:
        this.#reduce(operator, to, { 40: 'ReduceMean', 74: 'ReduceSum', 82: 'ReduceMax' }[code]);
        break;
      case 41:
        plain('Sub', {}, options?.byte(0));
        break;
      case 45:
        this.#slice(operator, to);
        break;
      case 55:
        plain('Max');
        break;
      case 56:
        this.#argMax(operator, to);
        break;
      case 57:
        plain('Min');
        break;
      case 98:
        plain('LeakyRelu', { alpha: float(options?.float(0) ?? 0) });
        break;
      case 117:
        plain('HardSwish');
        break;
      case 67:
        this.#transposedConvolution(operator, to);
        break;
      case 126:
        this.#matrixProduct(operator, to);
        break;
      default:
        throw new Error(`unsupported: builtin operator ${code}`);
    }
  }

  #convolution({ inputs, options }: FileOperator, to: FileTensor, depthwise: boolean): void {
    const [x, w, b] = inputs;
    if (x == null || w?.data == null) throw new Error('unsupported: weights that are not constant');
    // Weights are [out, H, W, in], of depthwise convolutions [1, H, W, out].
    const order = depthwise ? [3, 0, 1, 2] : [0, 3, 1, 2];
    const weights = permuted(w.data, order);
    const channels = x.dims[3] ?? 1;
    const last = depthwise ? 1 : 0;
    const attributes = {
      auto_pad: string(options?.byte(0) === 0 ? 'SAME_UPPER' : 'VALID'),
      strides: ints([options?.int(2) ?? 1, options?.int(1) ?? 1]),
      dilations: ints([options?.int(5 + last, 1) ?? 1, options?.int(4 + last, 1) ?? 1]),
      group: int(depthwise ? channels : channels / (weights.dims[1] ?? 1)),
      kernel_shape: ints(weights.dims.slice(2)),
    };
    const bias = this.#bias(x, w, b);
    const dims = toImages.map((axis) => to.dims[axis] ?? 1);
    const value = this.#apply(
      'Conv',
      [this.#images(x), this.#weights(w, weights), bias],
      dims,
      to.quantization,
      attributes,
    );
    this.#keepImages(to, value, options?.byte(depthwise ? 4 : 3));
  }

  /** Padding is what the convolution that it undoes would have. */
  #transposedConvolution({ inputs, options }: FileOperator, to: FileTensor): void {
    const [, w, x, b] = inputs;
    if (x == null || w?.data == null) throw new Error('unsupported: weights that are not constant');
    const weights = permuted(w.data, [3, 0, 1, 2]);
    const strides = [options?.int(2) ?? 1, options?.int(1) ?? 1];
    const spans = [1, 2].map((axis) => {
      const [input, output] = [x.dims[axis] ?? 1, to.dims[axis] ?? 1];
      const [stride, kernel] = [strides[axis - 1] ?? 1, w.dims[axis] ?? 1];
      const total = Math.max(0, (Math.ceil(output / stride) - 1) * stride + kernel - output);
      const before = options?.byte(0) === 0 ? Math.floor(total / 2) : 0;
      return { before, after: stride * (input - 1) + kernel - before - output };
    });
    const attributes = {
      strides: ints(strides),
      pads: ints([...spans.map(({ before }) => before), ...spans.map(({ after }) => Math.max(after, 0))]),
      output_padding: ints(spans.map(({ after }) => Math.max(-after, 0))),
    };
    const parameters = [this.#images(x), this.#weights(w, weights, 1), this.#bias(x, w, b)];
    const dims = toImages.map((axis) => to.dims[axis] ?? 1);
    const value = this.#apply('ConvTranspose', parameters, dims, to.quantization, attributes);
    this.#keepImages(to, value, options?.byte(3));
  }

  #matrixProduct({ inputs, options }: FileOperator, to: FileTensor): void {
    const [a, b] = inputs
      .slice(0, 2)
      .map((tensor, index) => this.#turned(tensor, options?.byte(index) === 1));
    this.#keep(to, this.#apply('MatMul', [a ?? null, b ?? null], to.dims, to.quantization));
  }

  /** The tensor, its last two axes exchanged where it is `adjoint`. */
  #turned(tensor: FileTensor | null | undefined, adjoint: boolean): Value {
    const value = this.#value(tensor);
    if (!adjoint || tensor == null) return value;
    const order = tensor.dims.map((_, axis) => axis);
    const last = order.length - 1;
    const perm = [...order.slice(0, -2), last, last - 1];
    const dims = perm.map((axis) => tensor.dims[axis] ?? 1);
    return this.#apply('Transpose', [value], dims, tensor.quantization, { perm: ints(perm) });
  }

  #weights({ quantization: grid }: FileTensor, data: Tensor, axis = 0): Value {
    if (grid === null) return this.#graph.constant(data);
    return this.#graph.constant(affine(dense(data), { ...grid, axis: grid.axis === null ? null : axis }));
  }

  /** Biases count in units of the products, whatever scale the file gives them. */
  #bias(x: FileTensor, w: FileTensor, b: FileTensor | null | undefined): Value | null {
    if (b == null) return null;
    if (b.data?.type !== 'int32' || w.quantization === null || x.quantization === null) return this.#value(b);
    const unit = x.quantization.scale[0] ?? 1;
    const scale = w.quantization.scale.map((one) => one * unit);
    const axis = scale.length === 1 ? null : 0;
    return this.#graph.constant(affine(dense(b.data), quantization({ scale, axis, storageType: 'int32' })));
  }

  #fullyConnected({ inputs, options }: FileOperator, to: FileTensor): void {
    const [x, w, b] = inputs;
    if (x == null || w?.data == null) throw new Error('unsupported: weights that are not constant');
    const [n = 1, k = 1] = w.dims;
    const rows = to.dims.reduce((product, dim) => product * dim, 1) / n;
    const flat = this.#reshaped(this.#value(x), [rows, k], x.quantization);
    const parameters = [flat, this.#weights(w, w.data), this.#bias(x, w, b)];
    const value = this.#apply('Gemm', parameters, [rows, n], to.quantization, { transB: int(1) });
    const activated = this.#activated(value, [rows, n], to.quantization, options?.byte(0) ?? 0);
    this.#keep(to, this.#reshaped(activated, to.dims, to.quantization));
  }

  #reshape(from: FileTensor | null | undefined, to: FileTensor): void {
    this.#keep(to, this.#reshaped(this.#value(from), to.dims, to.quantization));
  }

  #reshaped(value: Value, dims: readonly number[], grid: Quantization | null): Value {
    return this.#apply('Reshape', [value, this.#int64(dims)], dims, grid);
  }

  #pool({ inputs, options }: FileOperator, to: FileTensor, op: string): void {
    const attributes = {
      auto_pad: string(options?.byte(0) === 0 ? 'SAME_UPPER' : 'VALID'),
      strides: ints([options?.int(2) ?? 1, options?.int(1) ?? 1]),
      kernel_shape: ints([options?.int(4) ?? 1, options?.int(3) ?? 1]),
    };
    const dims = toImages.map((axis) => to.dims[axis] ?? 1);
    const value = this.#apply(op, [this.#images(inputs[0])], dims, to.quantization, attributes);
    this.#keepImages(to, value, options?.byte(5));
  }

  #resize({ inputs, options }: FileOperator, to: FileTensor, mode: 'linear' | 'nearest'): void {
    const first = mode === 'linear' ? 2 : 0;
    const [align, half] = [options?.byte(first) === 1, options?.byte(first + 1) === 1];
    const attributes = {
      mode: string(mode),
      coordinate_transformation_mode: string(align ? 'align_corners' : half ? 'half_pixel' : 'asymmetric'),
      // To the pixel that a place lies in; TensorFlow Lite moves half a pixel on before it takes that.
      nearest_mode: string(align || half ? 'round_prefer_ceil' : 'floor'),
    };
    const dims = toImages.map((axis) => to.dims[axis] ?? 1);
    const value = this.#apply(
      'Resize',
      [this.#images(inputs[0]), null, null, this.#int64(dims)],
      dims,
      to.quantization,
      attributes,
    );
    this.#keepImages(to, value);
  }

  /** beta moves the scale of the input: codes stay. */
  #softmax({ inputs, options }: FileOperator, to: FileTensor): void {
    const [x] = inputs;
    const beta = options?.float(0) ?? 1;
    if (x == null) throw new Error('Softmax lacks its input.');
    let value = this.#value(x);
    if (beta !== 1) {
      const grid = x.quantization;
      const scaled = grid === null ? null : { ...grid, scale: grid.scale.map((scale) => scale * beta) };
      const factor = this.#graph.constant(new Tensor('float32', Float32Array.of(beta), []));
      value = this.#apply('Mul', [value, factor], x.dims, scaled);
    }
    this.#keep(to, this.#apply('Softmax', [value], to.dims, to.quantization, { axis: int(-1) }));
  }

  #pad({ inputs }: FileOperator, to: FileTensor): void {
    const [x, amounts, fill] = inputs;
    const pairs = constantInts(amounts);
    const begins = pairs.filter((_, index) => index % 2 === 0);
    const ends = pairs.filter((_, index) => index % 2 === 1);
    const value = fill == null ? [] : [this.#value(fill)];
    const given = [this.#value(x), this.#int64([...begins, ...ends]), ...value];
    this.#keep(to, this.#apply('Pad', given, to.dims, to.quantization));
  }

  #reduce({ inputs, options }: FileOperator, to: FileTensor, op = ''): void {
    const keep = options?.byte(0) ?? 0;
    const given = [this.#value(inputs[0]), this.#int64(constantInts(inputs[1]))];
    this.#keep(to, this.#apply(op, given, to.dims, to.quantization, { keepdims: int(keep) }));
  }

  #argMax({ inputs }: FileOperator, to: FileTensor): void {
    const [axis = 0] = constantInts(inputs[1]);
    const found = this.#graph.apply(
      { op: 'ArgMax', inputs: [this.#value(inputs[0])], attributes: { axis: int(axis), keepdims: int(0) } },
      '',
      { dtype: 'int64', dims: to.dims },
    );
    const cast = this.#graph.apply({ op: 'Cast', inputs: [found], attributes: { to: int(6) } }, '', {
      dtype: 'int32',
      dims: to.dims,
    });
    this.#keep(to, to.type === 'int32' ? cast : found);
  }

  #slice({ inputs, options }: FileOperator, to: FileTensor): void {
    const [begin, end, strides] = inputs.slice(1).map(constantInts);
    const shape = inputs[0]?.dims ?? [];
    if (options?.int(2) || options?.int(3)) throw new Error('unsupported: masks of a slice');
    const shrink = options?.int(4) ?? 0;
    const starts = shape.map((_, axis) => ((options?.int(0) ?? 0) & (1 << axis) ? 0 : (begin?.[axis] ?? 0)));
    const ends = shape.map((dim, axis) => {
      if (shrink & (1 << axis)) return (starts[axis] ?? 0) + 1;
      return (options?.int(1) ?? 0) & (1 << axis) ? dim : (end?.[axis] ?? 0);
    });
    const axes = shape.map((_, axis) => axis);
    const given = [starts, ends, axes, [...(strides ?? [])]].map((list) => this.#int64(list));
    const dims = shape.map((_, axis) =>
      Math.ceil(((ends[axis] ?? 0) - (starts[axis] ?? 0)) / (strides?.[axis] ?? 1)),
    );
    const value = this.#apply('Slice', [this.#value(inputs[0]), ...given], dims, to.quantization);
    this.#keep(to, this.#reshaped(value, to.dims, to.quantization));
  }
}

function constantInts(tensor: FileTensor | null | undefined): readonly number[] {
  if (tensor?.data == null) throw new Error('unsupported: a shape that is not constant');
  return Array.from(tensor.data.data as ArrayLike<number | bigint>, Number);
}

/** A tensor with its axes in another order. */
function permuted({ type, data, dims }: Tensor, order: readonly number[]): Tensor {
  const to = order.map((axis) => dims[axis] ?? 1);
  const strides = dims.map((_, axis) => dims.slice(axis + 1).reduce((a, b) => a * b, 1));
  const values = data.slice();
  for (let at = 0; at < values.length; at++) {
    let rest = at;
    let from = 0;
    for (let axis = order.length - 1; axis >= 0; axis--) {
      const size = to[axis] ?? 1;
      from += (rest % size) * (strides[order[axis] ?? 0] ?? 0);
      rest = Math.floor(rest / size);
    }
    values[at] = data[from] as never; // of the same array class
  }
  return new Tensor(type, values as never, to);
}
