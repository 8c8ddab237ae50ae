import { ShapeError } from '@espalier/core';
import { convTransposeScratchBytes, type Geometry, packConvTransposeF32 } from '@espalier/kernels';
import { Activation } from '../memory/activation.js';
import { type Compute, type Job, type Planned, type Refusal, refuse } from '../plan/job.js';
import { isFloat32Value, needed } from './operands.js';
import { readWindow } from './window.js';

/** What a ConvTranspose of two spatial axes does; a row is an image of height 1. */
export interface Spread {
  readonly channels: number;
  readonly outputChannels: number;
  readonly groups: number;
  readonly kernel: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly dilations: readonly [number, number];
  readonly padsBefore: readonly [number, number];
  /** Added to strides * (input - 1) to make the output size. */
  readonly extra: readonly [number, number];
}

/**
 * ConvTranspose of one or two spatial axes in float32, constant weights.
 *
 * @see ONNX ConvTranspose, opset 22; Dumoulin and Visin 2016 (arXiv:1603.07285), section 4
 */
export function planConvTranspose(job: Job): Planned | Refusal {
  const { node, workspace, clamp } = job;
  const weights = job.constant(node.inputs[1]);
  const bias = job.constant(node.inputs[2]);
  if (weights === null || (node.inputs[2] != null && bias === null))
    return refuse('its weights are not constant');
  if (!isFloat32Value(node.inputs[0]) || weights.type !== 'float32') return refuse('it is not float32');
  const spread = readSpread(job, weights.dims);
  if ('reason' in spread) return spread;
  const { channels, outputChannels, groups, kernel } = spread;
  const packed = packConvTransposeF32({
    data: weights.data as Float32Array,
    groups,
    channelsPerGroup: channels / groups,
    outputsPerGroup: outputChannels / groups,
    kernelHeight: kernel[0],
    kernelWidth: kernel[1],
  });
  const address = workspace.heap.place(packed);
  const shift = workspace.heap.place(
    (bias?.data as Float32Array | undefined) ?? new Float32Array(outputChannels),
  );
  const compute: Compute = (inputs, recorder) => {
    const x = needed(inputs, 0, job);
    const geometry = geometryOf(job, spread, x.dims);
    const { batch, inputHeight, inputWidth, outputHeight, outputWidth } = geometry;
    const spatial = x.dims.length === 3 ? [outputWidth] : [outputHeight, outputWidth];
    const y = Activation.reals(recorder, [batch, outputChannels, ...spatial], 'channels-last');
    const [from, to] = [x.reals('channels-last'), y.reals('channels-last')];
    const macs = batch * inputHeight * inputWidth * weights.size;
    recorder.split('convTransposeF32', batch * outputHeight, macs, (range) => {
      const scratch = recorder.scratch(convTransposeScratchBytes(geometry));
      return [recorder.geometry(geometry, range), from, address, shift, to, clamp.low, clamp.high, scratch];
    });
    return [y];
  };
  return { compute, packed: [1, 2] };
}

function geometryOf(job: Job, spread: Spread, dims: readonly number[]): Geometry {
  const [inputHeight, inputWidth] = sizesOf(job, dims, spread);
  const { channels, outputChannels, groups, kernel, strides, dilations, padsBefore, extra } = spread;
  return {
    batch: dims[0] ?? 0,
    inputHeight,
    inputWidth,
    inputChannels: channels,
    outputHeight: strides[0] * (inputHeight - 1) + extra[0],
    outputWidth: strides[1] * (inputWidth - 1) + extra[1],
    outputChannels,
    kernelHeight: kernel[0],
    kernelWidth: kernel[1],
    strideHeight: strides[0],
    strideWidth: strides[1],
    dilationHeight: dilations[0],
    dilationWidth: dilations[1],
    padTop: padsBefore[0],
    padLeft: padsBefore[1],
    // The kernel needs them not: they are in the output's size.
    padBottom: 0,
    padRight: 0,
    groups,
  };
}

export function readSpread({ node }: Job, dims: readonly number[]): Spread | Refusal {
  const { attributes } = node;
  const [channels = 0, outputsPerGroup = 0, ...kernel] = dims;
  const groups = attributes.int('group', 1);
  const rank = kernel.length;
  if (rank < 1 || rank > 2) return refuse(`a kernel of rank ${rank} is not implemented`);
  if (groups < 1 || channels % groups !== 0) return refuse(`${groups} groups do not divide its channels`);
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
    outputChannels: outputsPerGroup * groups,
    groups,
    kernel: two(kernel, 1),
    strides: two(strides, 1),
    dilations: two(dilations, 1),
    padsBefore: two(pads.slice(0, rank), 0),
    extra: two(extra, 1),
  };
}

export function sizesOf(
  { node }: Job,
  dims: readonly number[],
  { channels }: Spread,
): readonly [number, number] {
  if (dims[1] === channels && (dims.length === 3 || dims.length === 4)) {
    return dims.length === 3 ? [1, dims[2] ?? 0] : [dims[2] ?? 0, dims[3] ?? 0];
  }
  throw new ShapeError({
    what: `ConvTranspose got an input of shape [${dims.join(', ')}], its weights are for ${channels} channels.`,
    where: `node "${node.name}"`,
  });
}
