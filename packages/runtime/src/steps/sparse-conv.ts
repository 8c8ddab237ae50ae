import { Activation } from '../memory/activation.js';
import { type Compute, type Job, type Planned, type Refusal, refuse } from '../plan/job.js';
import { type ConvShape, convShape, placing } from './conv.js';
import { readIntegerProduct, weightOf } from './integer-weights.js';
import { isFloat32Value, needed } from './operands.js';
import { densityLimit, pixelsKnown, SparseProduct } from './sparse-product.js';
import { isPruned, keptElements, prunedCodes } from './sparse-weights.js';
import { readWindow, type Window } from './window.js';

/** A convolution that multiplies the channels of each pixel by one matrix. */
interface Pointwise {
  readonly shape: ConvShape;
  readonly window: Window;
  /** Its weights as a matrix. */
  readonly matrix: {
    readonly k: number;
    readonly n: number;
    readonly rowStride: number;
    readonly columnStride: number;
  };
}

function pointwise(job: Job, dims: readonly number[]): Pointwise | Refusal {
  const shape = convShape(job, dims);
  if ('reason' in shape) return shape;
  const window = readWindow(job.node.attributes, shape.kernel);
  if ('reason' in window) return window;
  const ones = [...window.kernel, ...window.strides].every((size) => size === 1);
  if (!ones || shape.groups !== 1 || window.pads.some((pad) => pad !== 0))
    return refuse('it looks at more than one pixel');
  const [k, n] = [shape.channelsPerGroup, shape.outputChannels];
  return { shape, window, matrix: { k, n, rowStride: 1, columnStride: k } };
}

/** A 1 x 1 convolution in float32 by pruned weights. */
export function planSparseConvFloat32(job: Job): Planned | Refusal {
  const [x, w, b] = job.node.inputs;
  const encoding = w?.constant;
  if (encoding?.type !== 'float32' || !isFloat32Value(x)) return refuse('it is not float32');
  const found = pointwise(job, encoding.dims);
  if ('reason' in found) return found;
  const bias = b == null ? undefined : job.constant(b);
  if (bias === null) return refuse('its bias is not constant');
  const { matrix } = found;
  const decode = (): Float32Array => job.constant(w)?.data as Float32Array; // the type was compared above
  const rows = pixelsKnown(x);
  if (!isPruned(encoding, densityLimit('float32', rows), decode)) return refuse('its weights are not pruned');
  const product = SparseProduct.float32(job, rows, () => keptElements(encoding, matrix, decode), {
    ...matrix,
    bias: bias?.data as Float32Array | undefined, // of the type of the node's other inputs
  });
  const place = placing(job, found.shape, found.window);
  const compute: Compute = (inputs, recorder) => {
    const input = needed(inputs, 0, job);
    const { geometry, outputDims } = place(input);
    const output = Activation.reals(recorder, outputDims, 'channels-last');
    const pixels = geometry.batch * geometry.outputHeight * geometry.outputWidth;
    product.record(recorder, pixels, input.reals('channels-last'), output.reals('channels-last'));
    return [output];
  };
  return { compute, packed: [1, 2], isSparse: true };
}

/** A 1 x 1 convolution of codes by pruned integer weights. */
export function planSparseConvInt8(job: Job): Planned | Refusal {
  const weight = weightOf(job);
  if ('reason' in weight) return weight;
  const found = pointwise(job, weight.dims);
  if ('reason' in found) return found;
  const { k, n } = found.matrix;
  const rows = pixelsKnown(job.node.inputs[0]);
  const read = prunedCodes(weight, found.matrix, densityLimit('int8', rows));
  if ('reason' in read) return read;
  const product = readIntegerProduct(job, weight, 0, n, k);
  if ('reason' in product) return product;
  const sparse = SparseProduct.int8(job, rows, read, { k, n, product });
  const place = placing(job, found.shape, found.window);
  const compute: Compute = (inputs, recorder) => {
    const input = needed(inputs, 0, job);
    const { geometry, outputDims } = place(input);
    const output = Activation.codes(recorder, outputDims, 'channels-last', product.y);
    const pixels = geometry.batch * geometry.outputHeight * geometry.outputWidth;
    sparse.record(recorder, pixels, input.codes('channels-last'), output.codes('channels-last'));
    return [output];
  };
  return { compute, packed: [1, 2], isSparse: true };
}
