import { elementCount } from '@espalier/core';
import { Activation } from '../memory/activation.js';
import { sameGrid } from '../memory/grid.js';
import { type Compute, type Job, type Planned, type Refusal, refuse } from '../plan/job.js';
import { needed } from '../steps/operands.js';
import { gridsOf, poolWindow } from '../steps/pool.js';
import { placeWindow } from '../steps/window.js';

/**
 * AveragePool: the mean of the codes themselves, halves away from zero, on the grid of the input.
 *
 * @see AveragePool in tensorflow/lite/kernels/internal/reference/integer_ops/pooling.h, and for uint8 in reference/pooling.h
 */
export function planAveragePool(job: Job): Planned | Refusal {
  const window = poolWindow(job);
  if ('reason' in window) return window;
  const grids = gridsOf(job);
  if (grids === null || !sameGrid(grids.x, grids.y))
    return refuse('its input and its result are not on one int8 grid');
  if (job.node.attributes.int('count_include_pad', 0) !== 0) return refuse('it counts its padding');
  if (elementCount(window.kernel) > 2 ** 15) return refuse('its window is too large to be exact');
  const { y } = grids;
  const [low, high] = [job.form.codeOf(job.clamp.low, y), job.form.codeOf(job.clamp.high, y)];
  // Where the halves of int8 codes go, and those of uint8 codes, none of which is below 0.
  const origin = job.node.inputs[0]?.type?.quantization?.storageType === 'uint8' ? -128 : 0;
  const compute: Compute = (inputs, recorder) => {
    const input = needed(inputs, 0, job);
    const { geometry, outputDims } = placeWindow(job.node, window, input.dims, input.dims[1] ?? 0, 1);
    const output = Activation.codes(recorder, outputDims, 'channels-last', y);
    const [from, to] = [input.codes('channels-last'), output.codes('channels-last')];
    recorder.call('averagePoolI8', [
      ...[recorder.geometry(geometry), from, to, 0, 1, origin, origin, low, high],
    ]);
    return [output];
  };
  return { compute };
}
