import { createRandom, Graph, int, ints, Model, type Random, Tensor, type Value } from '@espalier/core';

/** What stands behind a layer. Relu6 is a Clip to [0, 6]. */
export type Activation = 'none' | 'relu' | 'relu6';

export interface ConvOptions {
  /** Rows and columns, or one number for both. */
  readonly kernel: number | readonly [number, number];
  readonly stride?: number;
  /** As in TensorFlow: `same` gives ceil(size / stride), with the odd row of zeros at the end. */
  readonly padding?: 'same' | 'valid';
  readonly activation?: Activation;
}

/**
 * Puts a network together layer by layer, NCHW, batch norms folded. Weights are drawn from
 * He's normal distribution (He et al. 2015, arXiv:1502.01852), biases with a deviation of 0.05.
 */
export class NetworkBuilder {
  readonly input: Value;
  readonly #graph: Graph;
  readonly #random: Random;
  #layers = 0;

  /** @param input - of one sample */
  constructor(name: string, input: readonly number[], batch = 1) {
    this.#graph = new Graph(name);
    this.#random = createRandom(name);
    this.input = this.#graph.addInput('x', { dtype: 'float32', dims: [batch, ...input] });
  }

  conv(x: Value, channels: number, options: ConvOptions): Value {
    return this.#conv(x, channels, 1, options);
  }

  /** A 3 x 3 convolution of each channel by itself. */
  depthwise(x: Value, stride: number, activation: Activation): Value {
    const channels = dimsOf(x)[1] ?? 0;
    return this.#conv(x, channels, channels, { kernel: 3, stride, activation });
  }

  maxPool(x: Value, kernel: number, stride: number, padding: 'same' | 'valid' = 'valid'): Value {
    const window = windowOf(dimsOf(x), [kernel, kernel], stride, padding);
    const [n = 1, c = 1] = dimsOf(x);
    const attributes = {
      kernel_shape: ints([kernel, kernel]),
      strides: ints([stride, stride]),
      pads: ints(window.pads),
    };
    return this.#apply({ op: 'MaxPool', inputs: [x], attributes }, [n, c, ...window.output]);
  }

  add(a: Value, b: Value, activation: Activation): Value {
    return this.#activate(this.#apply({ op: 'Add', inputs: [a, b] }, dimsOf(a)), activation);
  }

  /** Stacks the channels of both. */
  concat(a: Value, b: Value): Value {
    const [n = 1, c = 0, ...rest] = dimsOf(a);
    const dims = [n, c + (dimsOf(b)[1] ?? 0), ...rest];
    return this.#apply({ op: 'Concat', inputs: [a, b], attributes: { axis: int(1) } }, dims);
  }

  /** The mean of each channel, as a row. */
  globalAverage(x: Value): Value {
    const [n = 1, c = 1] = dimsOf(x);
    return this.flatten(this.#apply({ op: 'GlobalAveragePool', inputs: [x] }, [n, c, 1, 1]));
  }

  flatten(x: Value): Value {
    const [n = 1, ...rest] = dimsOf(x);
    return this.#apply({ op: 'Flatten', inputs: [x] }, [n, product(rest)]);
  }

  /** A fully connected layer on a row. */
  connected(x: Value, outputs: number, activation: Activation = 'none'): Value {
    const [rows = 1, inputs = 0] = dimsOf(x);
    const [w, b] = this.#weights([outputs, inputs], inputs);
    const sum = this.#apply({ op: 'Gemm', inputs: [x, w, b], attributes: { transB: int(1) } }, [
      rows,
      outputs,
    ]);
    return this.#activate(sum, activation);
  }

  finish(output: Value): Model {
    this.#graph.addOutput(output);
    return new Model(this.#graph);
  }

  #conv(x: Value, channels: number, group: number, options: ConvOptions): Value {
    const { kernel, stride = 1, padding = 'same', activation = 'relu' } = options;
    const [n = 1, inputs = 1] = dimsOf(x);
    const [height, width] = typeof kernel === 'number' ? [kernel, kernel] : kernel;
    const window = windowOf(dimsOf(x), [height, width], stride, padding);
    const depth = inputs / group;
    const [w, b] = this.#weights([channels, depth, height, width], depth * height * width);
    const attributes = {
      kernel_shape: ints([height, width]),
      strides: ints([stride, stride]),
      pads: ints(window.pads),
      group: int(group),
    };
    const sum = this.#apply({ op: 'Conv', inputs: [x, w, b], attributes }, [n, channels, ...window.output]);
    return this.#activate(sum, activation);
  }

  #activate(x: Value, activation: Activation): Value {
    if (activation === 'none') return x;
    if (activation === 'relu') return this.#apply({ op: 'Relu', inputs: [x] }, dimsOf(x));
    const bounds = [0, 6].map((bound) =>
      this.#graph.constant(new Tensor('float32', Float32Array.of(bound), [])),
    );
    return this.#apply({ op: 'Clip', inputs: [x, ...bounds] }, dimsOf(x));
  }

  #weights(dims: readonly number[], fanIn: number): readonly [Value, Value] {
    const layer = this.#layers;
    const random = this.#random.fork(`layer ${layer}`);
    const weight = normals(product(dims), Math.sqrt(2 / fanIn), random);
    const bias = normals(dims[0] ?? 0, 0.05, random);
    return [
      this.#graph.constant(new Tensor('float32', weight, dims), `weight${layer}`),
      this.#graph.constant(new Tensor('float32', bias), `bias${layer}`),
    ];
  }

  #apply(spec: Omit<Parameters<Graph['apply']>[0], 'name'>, dims: readonly number[]): Value {
    const name = `${spec.op.toLowerCase()}${this.#layers++}`;
    return this.#graph.apply({ ...spec, name }, name, { dtype: 'float32', dims });
  }
}

/** The shape of a value of a network: all of them are known. */
export function dimsOf(value: Value | null | undefined): readonly number[] {
  return (value?.type?.dims ?? []).map(Number);
}

export function product(dims: readonly number[]): number {
  return dims.reduce((a, b) => a * b, 1);
}

/** Output size and ONNX pads [top, left, bottom, right] of a window, padded as TensorFlow pads. */
function windowOf(
  [, , height = 1, width = 1]: readonly number[],
  kernel: readonly [number, number],
  stride: number,
  padding: 'same' | 'valid',
): { readonly output: readonly [number, number]; readonly pads: readonly number[] } {
  const along = (size: number, taps: number): readonly [number, number] => {
    if (padding === 'valid') return [Math.floor((size - taps) / stride) + 1, 0];
    const output = Math.ceil(size / stride);
    return [output, Math.max(0, (output - 1) * stride + taps - size)];
  };
  const [rows, vertical] = along(height, kernel[0]);
  const [columns, horizontal] = along(width, kernel[1]);
  const [top, left] = [vertical >> 1, horizontal >> 1];
  return { output: [rows, columns], pads: [top, left, vertical - top, horizontal - left] };
}

function normals(count: number, deviation: number, random: Random): Float32Array {
  const out = new Float32Array(count);
  for (let i = 0; i < count; i++) out[i] = deviation * random.normal();
  return out;
}
