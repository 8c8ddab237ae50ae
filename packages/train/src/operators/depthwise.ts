import { depthwiseScratchBytes, type Geometry, packedGemmF32Bytes } from '@espalier/kernels';
import type { Activation, Address, Argument } from '@espalier/runtime/tape';
import type { Bounds } from '../step/operator-call.js';
import type { StepRecorder } from '../step/step-recorder.js';
import type { ConvolutionLayer } from './conv.js';
import { inParts } from './parts.js';

/** Whether each channel has a kernel of its own, and one output. */
export function isDepthwise({ groups, inputChannels, outputChannels }: Geometry): boolean {
  return groups > 1 && groups === inputChannels && groups === outputChannels;
}

/**
 * A convolution channel by channel. A product of matrices for each would have one row, and spend its time on packing.
 */
export class DepthwiseLayer implements ConvolutionLayer {
  readonly pixels: number;
  readonly #step: StepRecorder;
  readonly #geometry: Geometry;
  readonly #taps: number;

  constructor(step: StepRecorder, geometry: Geometry) {
    const { batch, outputHeight, outputWidth, kernelHeight, kernelWidth } = geometry;
    this.#step = step;
    this.#geometry = geometry;
    this.pixels = batch * outputHeight * outputWidth;
    this.#taps = kernelHeight * kernelWidth;
  }

  forward(x: Argument, w: Argument, bias: Argument, y: Argument, { low, high }: Bounds): void {
    const [step, geometry, taps] = [this.#step, this.#geometry, this.#taps];
    const channels = geometry.groups;
    const packed = step.scratch(packedGemmF32Bytes(channels, taps));
    step.call('packGemmBF32', [channels, taps, w, 1, taps, bias, packed]);
    const bytes = depthwiseScratchBytes(geometry, 4);
    const rows = geometry.batch * geometry.outputHeight;
    step.split('depthwiseConvF32', rows, this.#macs, (range) => [
      step.geometry(geometry, range),
      ...[x, packed, y, low, high, step.scratch(bytes)],
    ]);
  }

  /** Image by image. */
  inputGradient(dy: Argument, w: number, dims: readonly number[]): Activation {
    const [step, geometry, taps] = [this.#step, this.#geometry, this.#taps];
    const turned = step.scratch(taps * geometry.groups * 4);
    step.call('transposeF32', [1, geometry.groups, taps, w, turned]);
    const dx = step.reals(dims, 'channels-last');
    const to = dx.reals('channels-last');
    step.split('depthwiseInputGradientF32', geometry.batch, this.#macs, ({ first, end }) => {
      const rows = { first: first * geometry.outputHeight, end: end * geometry.outputHeight };
      return [step.geometry(geometry, rows), dy, turned, to];
    });
    return dx;
  }

  weightGradient(x: Argument, dy: Address, to: Argument): void {
    const [step, geometry, taps] = [this.#step, this.#geometry, this.#taps];
    const { batch, outputHeight, groups } = geometry;
    const byTap = step.scratch(taps * groups * 4);
    inParts(step, batch, taps * groups, byTap, ({ images, parts, partial }) => {
      step.split('depthwiseWeightGradientF32', parts, this.#macs, ({ first, end }) => {
        const rowsOfPart = images * outputHeight;
        const rows = { first: first * rowsOfPart, end: Math.min(end * rowsOfPart, batch * outputHeight) };
        return [step.geometry(geometry, rows), images, x, dy, partial];
      });
    });
    step.call('transposeF32', [1, taps, groups, byTap, to]);
  }

  /** A product takes as long as some six of a matrix. */
  get #macs(): number {
    return 6 * this.pixels * this.#geometry.groups * this.#taps;
  }
}
