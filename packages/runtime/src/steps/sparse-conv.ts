import {
  packSparseF32,
  packSparseI8,
  type SparseColumns,
  sparseConvF32ScratchBytes,
  sparseConvI8ScratchBytes,
  sparseConvLimit,
  tapsFirstColumns,
} from '@espalier/kernels';
import { Activation } from '../memory/activation.js';
import { type Compute, type Job, type Planned, type Refusal, refuse } from '../plan/job.js';
import { type ConvShape, convShape, placing, splitRows } from './conv-shape.js';
import { float32Multipliers, type IntegerProduct, readIntegerProduct, weightOf } from './integer-weights.js';
import { isFloat32Value, needed } from './operands.js';
import type { MatrixShape } from './place-matrix.js';
import { densityLimit, pixelsKnown, SparseProduct } from './sparse-product.js';
import { isPruned, keptElements, prunedCodes } from './sparse-weights.js';
import { readWindow, type Window } from './window.js';

/** A convolution of one group, its weights as a matrix with a column for each output channel. */
interface OneGroup {
  readonly shape: ConvShape;
  readonly window: Window;
  readonly matrix: MatrixShape;
  readonly taps: number;
  /** Whether it multiplies the channels of each pixel by themselves. */
  readonly isPointwise: boolean;
}

function oneGroup(job: Job, dims: readonly number[]): OneGroup | Refusal {
  const shape = convShape(job, dims);
  if ('reason' in shape) return shape;
  const window = readWindow(job.node.attributes, shape.kernel);
  if ('reason' in window) return window;
  if (shape.groups !== 1) return refuse('it has groups');
  const taps = shape.kernelHeight * shape.kernelWidth;
  const [k, n] = [shape.channelsPerGroup * taps, shape.outputChannels];
  const isPointwise = taps === 1 && isEach(window.strides, 1) && isEach(window.pads, 0);
  return { shape, window, matrix: { k, n, rowStride: 1, columnStride: k }, taps, isPointwise };
}

function isEach(values: readonly number[], wanted: number): boolean {
  return values.every((value) => value === wanted);
}

/** Up to which density pruned weights pay. */
function limitOf(job: Job, type: 'float32' | 'int8', { shape, window, isPointwise }: OneGroup): number {
  const pixels = pixelsKnown(job.outputs[0]);
  if (isPointwise) return densityLimit(job, type, pixels);
  const { kernel, strides, dilations } = window;
  const suitsWinograd = kernel.length === 2 && isEach(kernel, 3) && isEach([...strides, ...dilations], 1);
  const inputChannels = shape.channelsPerGroup;
  const { weightFormat } = job.workspace.kernels;
  return sparseConvLimit(type, { pixels, inputChannels, suitsWinograd }, weightFormat);
}

/** A convolution in float32 by pruned weights. */
export function planSparseConvFloat32(job: Job): Planned | Refusal {
  const [x, w, b] = job.node.inputs;
  const encoding = w?.constant;
  if (encoding?.type !== 'float32' || !isFloat32Value(x)) return refuse('it is not float32');
  const conv = oneGroup(job, encoding.dims);
  if ('reason' in conv) return conv;
  const constant = b == null ? undefined : job.constant(b);
  if (constant === null) return refuse('its bias is not constant');
  const bias = constant?.data as Float32Array | undefined; // of the type of the node's other inputs
  const decode = (): Float32Array => job.constant(w)?.data as Float32Array; // the type was compared above
  const limit = limitOf(job, 'float32', conv);
  if (!isPruned(encoding, conv.matrix, limit, decode)) return refuse('its weights are not pruned');
  const read = (): SparseColumns<Float32Array> => keptElements(encoding, conv.matrix, decode);
  const compute = conv.isPointwise
    ? pointwiseReals(job, conv, read, bias)
    : windowReals(job, conv, tapsFirstColumns(read(), conv.taps), bias);
  return { compute, packed: [1, 2], isSparse: true };
}

function pointwiseReals(
  job: Job,
  { shape, window, matrix }: OneGroup,
  read: () => SparseColumns<Float32Array>,
  bias: Float32Array | undefined,
): Compute {
  const product = SparseProduct.float32(job, pixelsKnown(job.outputs[0]), read, { ...matrix, bias });
  const place = placing(job, shape, window);
  return (inputs, recorder) => {
    const input = needed(inputs, 0, job);
    const { geometry, outputDims } = place(input);
    const output = Activation.reals(recorder, outputDims, 'channels-last');
    const pixels = geometry.batch * geometry.outputHeight * geometry.outputWidth;
    product.record(recorder, pixels, input.reals('channels-last'), output.reals('channels-last'));
    return [output];
  };
}

function windowReals(
  job: Job,
  { shape, window, taps }: OneGroup,
  columns: SparseColumns<Float32Array>,
  bias: Float32Array | undefined,
): Compute {
  const { low, high } = job.clamp;
  const packed = job.workspace.heap.place(packSparseF32({ columns, bias }));
  const kept = columns.values.length;
  const place = placing(job, shape, window);
  return (inputs, recorder) => {
    const input = needed(inputs, 0, job);
    const { geometry, outputDims } = place(input);
    const output = Activation.reals(recorder, outputDims, 'channels-last');
    const [from, to] = [input.reals('channels-last'), output.reals('channels-last')];
    const bytes = sparseConvF32ScratchBytes(shape.channelsPerGroup, taps);
    const argsOf = (at: number) => [at, from, packed, to, low, high, recorder.scratch(bytes)];
    splitRows(recorder, 'sparseConvF32', geometry, argsOf, { weights: kept });
    return [output];
  };
}

/** A convolution of codes by pruned integer weights. */
export function planSparseConvInt8(job: Job): Planned | Refusal {
  const weight = weightOf(job);
  if ('reason' in weight) return weight;
  const conv = oneGroup(job, weight.dims);
  if ('reason' in conv) return conv;
  const { k, n } = conv.matrix;
  const read = prunedCodes(weight, conv.matrix, limitOf(job, 'int8', conv));
  if ('reason' in read) return read;
  const product = readIntegerProduct(job, weight, 0, n, k);
  if ('reason' in product) return product;
  const compute = conv.isPointwise
    ? pointwiseCodes(job, conv, read, product)
    : windowCodes(job, conv, tapsFirstColumns(read(), conv.taps), product);
  return { compute, packed: [1, 2], isSparse: true };
}

function pointwiseCodes(
  job: Job,
  { shape, window, matrix: { k, n } }: OneGroup,
  read: () => SparseColumns<Int8Array>,
  product: IntegerProduct,
): Compute {
  const sparse = SparseProduct.int8(job, pixelsKnown(job.outputs[0]), read, { k, n, product });
  const place = placing(job, shape, window);
  return (inputs, recorder) => {
    const input = needed(inputs, 0, job);
    const { geometry, outputDims } = place(input);
    const output = Activation.codes(recorder, outputDims, 'channels-last', product.y);
    const pixels = geometry.batch * geometry.outputHeight * geometry.outputWidth;
    sparse.record(recorder, pixels, input.codes('channels-last'), output.codes('channels-last'));
    return [output];
  };
}

function windowCodes(
  job: Job,
  { shape, window, taps }: OneGroup,
  columns: SparseColumns<Int8Array>,
  product: IntegerProduct,
): Compute {
  const { x, y, low, high } = product;
  const packed = job.workspace.heap.place(
    packSparseI8({ ...product, columns, multipliers: float32Multipliers(product) }),
  );
  const kept = columns.values.length;
  const place = placing(job, shape, window);
  return (inputs, recorder) => {
    const input = needed(inputs, 0, job);
    const { geometry, outputDims } = place(input);
    const output = Activation.codes(recorder, outputDims, 'channels-last', y);
    const [from, to] = [input.codes('channels-last'), output.codes('channels-last')];
    const bytes = sparseConvI8ScratchBytes(shape.channelsPerGroup, taps);
    const rule = [x.zero, y.zero, low, high];
    const argsOf = (at: number) => [at, from, packed, to, ...rule, recorder.scratch(bytes)];
    splitRows(recorder, 'sparseConvI8', geometry, argsOf, { weights: kept });
    return [output];
  };
}
