import { ShapeError } from '@espalier/core';
import { packGemmF32 } from '@espalier/kernels';
import { Activation } from '../memory/activation.js';
import { type Compute, type Job, type Planned, type Refusal, refuse } from '../plan/job.js';
import { isFloat32Value, needed } from './operands.js';
import { readWindow } from './window.js';

/** What a ConvTranspose of two spatial axes does; a row is an image of height 1. */
interface Spread {
  readonly channels: number;
  readonly outputChannels: number;
  readonly kernel: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly dilations: readonly [number, number];
  readonly padsBefore: readonly [number, number];
  /** Added to strides * (input - 1) to make the output size. */
  readonly extra: readonly [number, number];
}

/**
 * ConvTranspose in float32 without groups: a matrix product makes what each pixel adds to its
 * neighbourhood, and these are summed up.
 *
 * @see ONNX ConvTranspose, opset 22; Dumoulin and Visin 2016 (arXiv:1603.07285), section 4
 */
export function planConvTranspose(job: Job): Planned | Refusal {
  const { node, workspace } = job;
  const weights = job.constant(node.inputs[1]);
  const bias = job.constant(node.inputs[2]);
  if (weights === null || (node.inputs[2] != null && bias === null))
    return refuse('its weights are not constant');
  if (!isFloat32Value(node.inputs[0]) || weights.type !== 'float32') return refuse('it is not float32');
  const spread = readSpread(job, weights.dims);
  if ('reason' in spread) return spread;
  const { channels, outputChannels, kernel } = spread;
  const taps = kernel[0] * kernel[1];
  const packed = packGemmF32({
    data: tapsFirst(weights.data as Float32Array, channels, outputChannels, taps),
    k: channels,
    n: taps * outputChannels,
    rowStride: taps * outputChannels,
    columnStride: 1,
  });
  const address = workspace.heap.place(packed);
  const shift = bias === null ? null : (bias.data as Float32Array);
  const compute: Compute = (inputs, recorder) => {
    const x = needed(inputs, 0, job);
    const [inputHeight, inputWidth] = sizesOf(job, x.dims, spread);
    const height = spread.strides[0] * (inputHeight - 1) + spread.extra[0];
    const width = spread.strides[1] * (inputWidth - 1) + spread.extra[1];
    const flat = x.dims.length === 3;
    const dims = [x.dims[0] ?? 0, outputChannels, ...(flat ? [width] : [height, width])];
    const y = Activation.reals(recorder, dims, 'channels-last');
    const from = x.reals('channels-last');
    const columns = taps * outputChannels;
    const scratch = recorder.scratch(inputWidth * columns * 4);
    recorder.host(() => {
      const to = y.realView('channels-last');
      const row = workspace.heap.float32(scratch.value, inputWidth * columns);
      start(to, shift, outputChannels);
      for (let i = 0; i < (dims[0] ?? 0) * inputHeight; i++) {
        const at = from.value + i * inputWidth * channels * 4;
        const size = [inputWidth, columns, channels];
        const args = [...size, at, channels, address, scratch.value, columns, -Infinity, Infinity];
        workspace.callNow('gemmF32', args);
        const image = to.subarray(Math.floor(i / inputHeight) * height * width * outputChannels);
        addRow(row, image, spread, i % inputHeight, inputWidth, height, width);
      }
    });
    const { low, high } = job.clamp;
    if (low > -Infinity || high < Infinity) {
      const all = y.reals('channels-last');
      recorder.call('clampF32', [y.size, all, all, low, high]);
    }
    return [y];
  };
  return { compute, packed: [1, 2] };
}

function readSpread({ node }: Job, dims: readonly number[]): Spread | Refusal {
  const { attributes } = node;
  const [channels = 0, outputChannels = 0, ...kernel] = dims;
  const rank = kernel.length;
  if (rank < 1 || rank > 2) return refuse(`a kernel of rank ${rank} is not implemented`);
  if (attributes.int('group', 1) !== 1) return refuse('groups are not implemented');
  const isDefault = attributes.string('auto_pad', 'NOTSET') === 'NOTSET' && !attributes.has('output_shape');
  if (!isDefault) return refuse('auto_pad and output_shape are not implemented');
  const zeros = kernel.map(() => 0);
  const window = readWindow(attributes, kernel);
  if ('reason' in window) return window;
  const two = (values: readonly number[], absent: number): readonly [number, number] =>
    rank === 2 ? [values[0] ?? absent, values[1] ?? absent] : [absent, values[0] ?? absent];
  const { strides, dilations, pads } = window;
  const outputPadding = attributes.ints('output_padding', zeros);
  const extra = kernel.map(
    (size, axis) =>
      (size - 1) * (dilations[axis] ?? 1) +
      1 +
      (outputPadding[axis] ?? 0) -
      (pads[axis] ?? 0) -
      (pads[axis + rank] ?? 0),
  );
  return {
    channels,
    outputChannels,
    kernel: two(kernel, 1),
    strides: two(strides, 1),
    dilations: two(dilations, 1),
    padsBefore: two(pads.slice(0, rank), 0),
    extra: two(extra, 1),
  };
}

function sizesOf({ node }: Job, dims: readonly number[], { channels }: Spread): readonly [number, number] {
  if (dims[1] === channels && (dims.length === 3 || dims.length === 4)) {
    return dims.length === 3 ? [1, dims[2] ?? 0] : [dims[2] ?? 0, dims[3] ?? 0];
  }
  throw new ShapeError({
    what: `ConvTranspose got an input of shape [${dims.join(', ')}], its weights are for ${channels} channels.`,
    where: `node "${node.name}"`,
  });
}

/** [channel, output, tap] to [channel, tap, output]: what a pixel adds to one place then stands together. */
function tapsFirst(data: Float32Array, channels: number, outputs: number, taps: number): Float32Array {
  const result = new Float32Array(data.length);
  let at = 0;
  for (let channel = 0; channel < channels; channel++) {
    for (let tap = 0; tap < taps; tap++) {
      for (let output = 0; output < outputs; output++) {
        result[at++] = data[(channel * outputs + output) * taps + tap] as number; // within the shape
      }
    }
  }
  return result;
}

function start(to: Float32Array, bias: Float32Array | null, channels: number): void {
  if (bias === null) to.fill(0);
  else for (let i = 0; i < to.length; i += channels) to.set(bias, i);
}

/** Adds what the pixels of one input row make to an output image. */
function addRow(
  row: Float32Array,
  image: Float32Array,
  { outputChannels, kernel, strides, dilations, padsBefore }: Spread,
  y: number,
  inputWidth: number,
  height: number,
  width: number,
): void {
  let from = 0;
  for (let x = 0; x < inputWidth; x++) {
    for (let ky = 0; ky < kernel[0]; ky++) {
      const oy = y * strides[0] + ky * dilations[0] - padsBefore[0];
      for (let kx = 0; kx < kernel[1]; kx++, from += outputChannels) {
        const ox = x * strides[1] + kx * dilations[1] - padsBefore[1];
        if (oy < 0 || oy >= height || ox < 0 || ox >= width) continue;
        const to = (oy * width + ox) * outputChannels;
        for (let c = 0; c < outputChannels; c++) {
          image[to + c] = (image[to + c] as number) + (row[from + c] as number); // both in range
        }
      }
    }
  }
}
