import { type Model, type Node, toFloat32, type Value } from '@espalier/core';
import { dimsOf, product } from './network-builder.js';

/**
 * The answer of a network in plain loops, sums in float64: the judge of every engine.
 *
 * @param input - as many numbers as the network's input has elements
 * @throws {RangeError} at an operator that no network of the benchmark has
 */
export function referenceAnswer({ graph }: Model, input: Float32Array): Float32Array {
  const known = new Map<Value, Float32Array>();
  const read = (value: Value | null | undefined): Float32Array => {
    if (value == null) return new Float32Array(0);
    return (
      known.get(value) ?? (value.constant === null ? new Float32Array(0) : toFloat32(value.constant.decode()))
    );
  };
  for (const value of graph.inputs) known.set(value, input);
  for (const node of graph.nodes) {
    const output = node.outputs[0];
    if (output != null) known.set(output, compute(node, node.inputs.map(read)));
  }
  return read(graph.outputs[0]);
}

function compute(node: Node, inputs: readonly Float32Array[]): Float32Array {
  const [x = new Float32Array(0), y = new Float32Array(0), z = new Float32Array(0)] = inputs;
  switch (node.op) {
    case 'Conv':
      return convolve(node, x, y, z);
    case 'Gemm':
      return multiply(x, y, z);
    case 'MaxPool':
      return maxPool(node, x);
    case 'GlobalAveragePool':
      return means(x, dimsOf(node.outputs[0])[1] ?? 1);
    case 'Relu':
      return x.map((value) => Math.max(0, value));
    case 'Clip':
      return x.map((value) => Math.min(Math.max(value, y[0] ?? -Infinity), z[0] ?? Infinity));
    case 'Add':
      return x.map((value, i) => value + (y[i] ?? 0));
    case 'Concat': // of one sample along channels, the data follow each other
      return Float32Array.from([...x, ...y]);
    case 'Flatten':
      return x;
    default:
      throw new RangeError(`The reference has no ${node.op}.`);
  }
}

interface Window {
  readonly input: readonly [number, number, number];
  readonly output: readonly [number, number, number];
  readonly kernel: readonly [number, number];
  readonly strides: readonly number[];
  readonly pads: readonly number[];
}

function windowOf(node: Node): Window {
  const [, channels = 1, height = 1, width = 1] = dimsOf(node.inputs[0]);
  const [, filters = 1, rows = 1, columns = 1] = dimsOf(node.outputs[0]);
  const [kernelRows = 1, kernelColumns = 1] = node.attributes.ints('kernel_shape', []);
  return {
    input: [channels, height, width],
    output: [filters, rows, columns],
    kernel: [kernelRows, kernelColumns],
    strides: node.attributes.ints('strides', [1, 1]),
    pads: node.attributes.ints('pads', [0, 0, 0, 0]),
  };
}

function convolve(node: Node, x: Float32Array, w: Float32Array, bias: Float32Array): Float32Array {
  const window = windowOf(node);
  const [channels, height, width] = window.input;
  const [filters, rows, columns] = window.output;
  const taps = product(window.kernel);
  const group = node.attributes.int('group', 1);
  const depth = channels / group;
  const out = new Float32Array(filters * rows * columns);
  const sums = new Float64Array(rows * columns);
  for (let filter = 0; filter < filters; filter++) {
    sums.fill(bias[filter] ?? 0);
    const first = Math.floor(filter / (filters / group)) * depth;
    for (let d = 0; d < depth; d++) {
      const plane = x.subarray((first + d) * height * width, (first + d + 1) * height * width);
      const weights = w.subarray((filter * depth + d) * taps, (filter * depth + d + 1) * taps);
      addPlane(window, plane, weights, sums);
    }
    out.set(sums, filter * rows * columns);
  }
  return out;
}

/** Adds one input plane under one kernel to the sums of a filter. */
function addPlane(window: Window, plane: Float32Array, weights: Float32Array, sums: Float64Array): void {
  const [, height, width] = window.input;
  const [, rows, columns] = window.output;
  const [strideY = 1, strideX = 1] = window.strides;
  const [top = 0, left = 0] = window.pads;
  weights.forEach((weight, tap) => {
    const dy = Math.floor(tap / window.kernel[1]) - top;
    const dx = (tap % window.kernel[1]) - left;
    const start = Math.max(0, Math.ceil(-dx / strideX));
    const end = Math.min(columns, Math.floor((width - 1 - dx) / strideX) + 1);
    for (let row = 0; row < rows; row++) {
      const y = row * strideY + dy;
      if (y < 0 || y >= height) continue;
      let at = y * width + start * strideX + dx;
      for (let column = start; column < end; column++, at += strideX) {
        // All three indices are inside by the bounds above.
        sums[row * columns + column] =
          (sums[row * columns + column] as number) + weight * (plane[at] as number);
      }
    }
  });
}

/** Rows of x by rows of w. */
function multiply(x: Float32Array, w: Float32Array, bias: Float32Array): Float32Array {
  const depth = w.length / bias.length;
  return Float32Array.from({ length: (x.length / depth) * bias.length }, (_, index) => {
    const [row, column] = [Math.floor(index / bias.length), index % bias.length];
    let sum = bias[column] ?? 0;
    for (let i = 0; i < depth; i++) {
      sum += (x[row * depth + i] as number) * (w[column * depth + i] as number); // in range
    }
    return sum;
  });
}

function maxPool(node: Node, x: Float32Array): Float32Array {
  const { input, output, kernel, strides, pads } = windowOf(node);
  const [, height, width] = input;
  const [filters, rows, columns] = output;
  return Float32Array.from({ length: filters * rows * columns }, (_, index) => {
    const plane = Math.floor(index / (rows * columns)) * height * width;
    const top = (Math.floor(index / columns) % rows) * (strides[0] ?? 1) - (pads[0] ?? 0);
    const left = (index % columns) * (strides[1] ?? 1) - (pads[1] ?? 0);
    let most = -Infinity;
    for (let y = Math.max(0, top); y < Math.min(height, top + kernel[0]); y++) {
      for (let c = Math.max(0, left); c < Math.min(width, left + kernel[1]); c++) {
        most = Math.max(most, x[plane + y * width + c] ?? -Infinity);
      }
    }
    return most;
  });
}

function means(x: Float32Array, channels: number): Float32Array {
  const size = x.length / channels;
  return Float32Array.from({ length: channels }, (_, channel) => {
    const plane = x.subarray(channel * size, (channel + 1) * size);
    return plane.reduce((sum, value) => sum + value, 0) / size;
  });
}
