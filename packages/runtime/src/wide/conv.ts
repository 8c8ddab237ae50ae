import {
  convI16ScratchBytes,
  GEMM_I16_SCRATCH_BYTES,
  packConvI16,
  packDepthwiseI16,
} from '@espalier/kernels/wide';
import type { Compute, Job, Planned, Refusal } from '../plan/job.js';
import { type ConvShape, convShape, placing, splitRows } from '../steps/conv-shape.js';
import { weightOf } from '../steps/integer-weights.js';
import { needed } from '../steps/operands.js';
import { readWindow } from '../steps/window.js';
import { wideCodes, wideRoom } from './codes.js';
import { readWideProduct, sumsTooLarge, type WideProduct } from './product.js';

/** Convolution of int16 by int8 weights. @see ConvPerChannel in tensorflow/lite/kernels/internal/reference/integer_ops/conv.h */
export function planConvI16(job: Job): Planned | Refusal {
  const weight = weightOf(job);
  if ('reason' in weight) return weight;
  const shape = convShape(job, weight.dims);
  if ('reason' in shape) return shape;
  const product = readWideProduct(job, weight, 0, shape.outputChannels);
  if ('reason' in product) return product;
  const window = readWindow(job.node.attributes, shape.kernel);
  if ('reason' in window) return window;
  const parts = packed(shape, product);
  if (parts === null) return sumsTooLarge;
  const at = job.workspace.heap.place(parts.bytes);
  const place = placing(job, shape, window);
  const { x, y, low, high } = product;
  const compute: Compute = (inputs, recorder) => {
    const input = needed(inputs, 0, job);
    const { geometry, outputDims } = place(input);
    const from = wideCodes(recorder, input, 'channels-last');
    const room = wideRoom(recorder, outputDims, 'channels-last', y);
    const head = [from, at, room.to, x.zero, y.zero, low, high];
    splitRows(recorder, parts.depthwise ? 'depthwiseConvI16' : 'convI16', geometry, (rows) => {
      if (parts.depthwise) return [rows, ...head, recorder.scratch(GEMM_I16_SCRATCH_BYTES)];
      const bytes = convI16ScratchBytes(geometry);
      return [rows, ...head, recorder.scratch(bytes), bytes];
    });
    room.settle();
    return [room.y];
  };
  return { compute, packed: [1, 2] };
}

interface Packed {
  readonly bytes: Uint8Array;
  readonly depthwise: boolean;
}

/** Kernels of so many taps that their sums pass int32 are those of groups of one channel. */
function packed(shape: ConvShape, product: WideProduct): Packed | null {
  const weights = { ...shape, ...product };
  const depthwise = shape.depthwise ? packDepthwiseI16(weights) : null;
  if (depthwise !== null) return { bytes: depthwise, depthwise: true };
  const bytes = packConvI16(weights);
  return bytes === null ? null : { bytes, depthwise: false };
}
