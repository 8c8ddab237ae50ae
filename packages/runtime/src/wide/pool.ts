import { elementCount } from '@espalier/core';
import { planCodeMean } from '../fixed-point/mean.js';
import { Activation } from '../memory/activation.js';
import { sameGrid } from '../memory/grid.js';
import { type Compute, type Job, type Planned, type Refusal, refuse } from '../plan/job.js';
import { needed } from '../steps/operands.js';
import { poolWindow } from '../steps/pool.js';
import { placeWindow } from '../steps/window.js';
import { boundsOf } from './codes.js';
import { symmetricGrids } from './elementwise.js';

/** AveragePool: the mean of the codes, on the grid of the input. @see AveragePool of int16 in integer_ops/pooling.h */
export function planAveragePoolI16(job: Job): Planned | Refusal {
  const window = poolWindow(job);
  if ('reason' in window) return window;
  const grids = symmetricGrids(job);
  if ('reason' in grids) return grids;
  if (!sameGrid(grids.x, grids.y)) return refuse('its input and its result are not on one grid');
  if (job.node.attributes.int('count_include_pad', 0) !== 0) return refuse('it counts its padding');
  if (elementCount(window.kernel) > 2 ** 15) return refuse('its window is too large to be exact');
  const [low, high] = boundsOf(job, grids.y);
  const compute: Compute = (inputs, recorder) => {
    const input = needed(inputs, 0, job);
    const { geometry, outputDims } = placeWindow(job.node, window, input.dims, input.dims[1] ?? 0, 1);
    const output = Activation.codes(recorder, outputDims, 'channels-last', grids.y);
    const [from, to] = [input.codes('channels-last'), output.codes('channels-last')];
    recorder.call('averagePoolI16', [recorder.geometry(geometry), from, to, low, high]);
    return [output];
  };
  return { compute };
}

/** ReduceMean, ReduceSum and GlobalAveragePool over axes that stand together. @see EvalIntegerMean in micro/kernels/reduce_common.cc */
export function planMeanI16(job: Job): Planned | Refusal {
  const grids = symmetricGrids(job);
  if ('reason' in grids) return grids;
  const bounds = boundsOf(job, grids.y);
  return planCodeMean(job, { ...grids, bounds, kernel: 'meanI16', mostElements: 2 ** 14 });
}
