import { ShapeError } from '@espalier/core';
import { convScratchBytes, packConvF32 } from '@espalier/kernels';
import { Activation } from '../memory/activation.js';
import { type Compute, type Job, type Planned, type Refusal, refuse } from '../plan/job.js';
import { mayBeFloat32, needed } from './operands.js';
import { placeWindow, readWindow } from './window.js';

/** Shape of Conv's weight, [outputChannels, channelsPerGroup, ...kernel]. */
export interface ConvWeightShape {
  readonly outputChannels: number;
  readonly channelsPerGroup: number;
  readonly kernel: readonly number[];
  readonly groups: number;
}

/** The weight's shape with one or two spatial axes; null where the kernels have no loop for it. */
export function convWeightShape(job: Job, dims: readonly number[]): ConvWeightShape | null {
  const [outputChannels, channelsPerGroup, ...kernel] = dims;
  if (outputChannels === undefined || channelsPerGroup === undefined) return null;
  if (kernel.length < 1 || kernel.length > 2) return null;
  return { outputChannels, channelsPerGroup, kernel, groups: job.node.attributes.int('group', 1) };
}

/** The two kernel sizes; a row is an image of height 1. */
export function kernelSize(kernel: readonly number[]): { kernelHeight: number; kernelWidth: number } {
  const [first = 1, second] = kernel;
  return second === undefined
    ? { kernelHeight: 1, kernelWidth: first }
    : { kernelHeight: first, kernelWidth: second };
}

export function checkChannels(job: Job, shape: ConvWeightShape, dims: readonly number[]): void {
  const wanted = shape.channelsPerGroup * shape.groups;
  if (dims[1] === wanted) return;
  throw new ShapeError({
    what: `Conv got an input of shape [${dims.join(', ')}], its weights are for ${wanted} channels.`,
    where: `node "${job.node.name}"`,
  });
}

/** Convolution of one or two spatial axes in float32, constant weights. */
export function planConvFloat32(job: Job): Planned | Refusal {
  const [x, w, b] = job.node.inputs;
  const weights = job.constant(w);
  const bias = job.constant(b);
  if (weights === null || (b != null && bias === null)) return refuse('its weights are not constant');
  if (!mayBeFloat32(x) || weights.type !== 'float32') return refuse('it is not float32');
  const shape = convWeightShape(job, weights.dims);
  if (shape === null) return refuse(`a kernel of rank ${weights.dims.length - 2} is not implemented`);
  const packed = packConvF32({
    ...shape,
    ...kernelSize(shape.kernel),
    data: weights.data as Float32Array,
    bias: bias === null ? undefined : (bias.data as Float32Array),
  });
  const address = job.workspace.heap.place(packed);
  return { compute: convFloat32(job, shape, address), packed: [1, 2] };
}

function convFloat32(job: Job, shape: ConvWeightShape, weights: number): Compute {
  const { workspace, clamp, node } = job;
  const window = readWindow(node.attributes, shape.kernel);
  return (inputs) => {
    const x = needed(inputs, 0, job);
    checkChannels(job, shape, x.dims);
    const { geometry, outputDims } = placeWindow(node, window, x.dims, shape.outputChannels, shape.groups);
    const y = Activation.reals(workspace, outputDims, 'channels-last');
    const from = x.reals('channels-last');
    const scratchBytes = convScratchBytes(geometry, 4);
    const scratch = workspace.scratch(scratchBytes);
    const at = workspace.geometry(geometry);
    const to = y.reals('channels-last');
    workspace.kernels.convF32(at, from, weights, to, clamp.low, clamp.high, scratch, scratchBytes);
    return [y];
  };
}
