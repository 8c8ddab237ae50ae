import { elementCount, ShapeError } from '@espalier/core';
import { fixedPoint, fixedPointMean, fixedPointScale } from '@espalier/kernels';
import { Activation } from '../memory/activation.js';
import { sameGrid } from '../memory/grid.js';
import type { Layout } from '../memory/layout.js';
import { type Compute, type Job, type Planned, type Refusal, refuse } from '../plan/job.js';
import { memoryAxis, splitAround } from '../steps/axes.js';
import { needed } from '../steps/operands.js';
import { gridsOf, poolWindow } from '../steps/pool.js';
import { placeWindow } from '../steps/window.js';
import { roundingOf } from './rounding.js';

/** Elements whose sum is sure to stay where its kernel is exact. */
const mostElements = 2 ** 20;

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

/**
 * ReduceMean, ReduceSum and GlobalAveragePool over axes that stand together: a sum, scaled once.
 *
 * @see QuantizedMeanOrSum in tensorflow/lite/kernels/internal/reference/reduce.h
 */
export function planMean(job: Job): Planned | Refusal {
  const { node, form } = job;
  const grids = gridsOf(job);
  if (grids === null) return refuse('its input and its result are not both int8');
  const given = job.constant(node.inputs[1]);
  if (node.op !== 'GlobalAveragePool' && given === null) return refuse('its axes are not constant');
  const { x: from, y: to } = grids;
  const sum = fixedPoint(from.scale / to.scale);
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
    const [low, high] = [form.codeOf(job.clamp.low, to), form.codeOf(job.clamp.high, to)];
    recorder.call('meanFixedI8', [
      ...[outer, length, inner, x.codes(layout), y.codes('row-major'), scale],
      ...[from.zero, to.zero, low, high],
    ]);
    return [y];
  };
  return { compute, packed: [1] };
}

/** A layout in which the axes stand together, and the others come out in row-major order. */
export function runOf(
  axes: readonly number[],
  rank: number,
): { readonly layout: Layout; readonly first: number; readonly end: number } | null {
  const spatialOnly = rank >= 3 && axes.length === rank - 2 && axes.every((axis) => axis >= 2);
  const channelsOnly = rank >= 3 && axes.length === 1 && axes[0] === 1;
  const layout = spatialOnly || channelsOnly ? 'channels-last' : 'row-major';
  const places = axes.map((axis) => memoryAxis(axis, rank, layout)).sort((a, b) => a - b);
  const [first = 0] = places;
  const together = places.every((place, index) => place === first + index);
  return together && places.length > 0 ? { layout, first, end: first + places.length } : null;
}

export function apart({ node, form }: Job, axes: readonly number[]): ShapeError {
  return new ShapeError({
    what: `${node.op} over the axes ${axes.join(', ')} has no form in the requantization rule "${form.rule}".`,
    where: `node "${node.name}"`,
    fix: 'Reduce axes that stand together, of fewer elements.',
  });
}
