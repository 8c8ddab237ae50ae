import { elementCount } from '@espalier/core';
import { fixedPoint, fixedPointMean, fixedPointScale } from '@espalier/kernels';
import { apart, runOf } from '../fixed-point/pool.js';
import { roundingOf } from '../fixed-point/rounding.js';
import { Activation } from '../memory/activation.js';
import { sameGrid } from '../memory/grid.js';
import { type Compute, type Job, type Planned, type Refusal, refuse } from '../plan/job.js';
import { splitAround } from '../steps/axes.js';
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

/** Elements whose sum is sure to stay where its kernel is exact. */
const mostElements = 2 ** 14;

/** ReduceMean, ReduceSum and GlobalAveragePool over axes that stand together. @see EvalIntegerMean in micro/kernels/reduce_common.cc */
export function planMeanI16(job: Job): Planned | Refusal {
  const { node, form } = job;
  const grids = symmetricGrids(job);
  if ('reason' in grids) return grids;
  const given = job.constant(node.inputs[1]);
  if (node.op !== 'GlobalAveragePool' && given === null) return refuse('its axes are not constant');
  const { x: from, y: to } = grids;
  const sum = fixedPoint(from.scale / to.scale);
  const [low, high] = boundsOf(job, to);
  const compute: Compute = (inputs, recorder) => {
    const x = needed(inputs, 0, job);
    const rank = x.dims.length;
    const axes =
      given === null
        ? x.dims.map((_, axis) => axis).slice(2)
        : Array.from(given.data as ArrayLike<number | bigint>, (axis) => (Number(axis) + rank) % rank);
    const found = runOf(axes, rank);
    if (found === null) throw apart(job, axes);
    const { layout, first, end } = found;
    const { outer, length, inner } = splitAround(x.dims, layout, first, end);
    if (length > mostElements || length === 0) throw apart(job, axes);
    const keep = node.op === 'GlobalAveragePool' || node.attributes.int('keepdims', 1) === 1;
    const dims = x.dims.flatMap((dim, axis) => (!axes.includes(axis) ? [dim] : keep ? [1] : []));
    const factor = node.op === 'ReduceSum' ? sum : fixedPointMean(sum, length);
    const scale = recorder.held.place(fixedPointScale(factor, roundingOf(form.rule)));
    const y = Activation.codes(recorder, dims, 'row-major', to);
    const places = [x.codes(layout), y.codes('row-major'), scale];
    recorder.call('meanI16', [outer, length, inner, ...places, from.zero, to.zero, low, high]);
    return [y];
  };
  return { compute, packed: [1] };
}
