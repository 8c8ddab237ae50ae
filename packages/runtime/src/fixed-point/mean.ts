import { ShapeError } from '@espalier/core';
import { fixedPoint, fixedPointMean, fixedPointScale } from '@espalier/kernels';
import { Activation } from '../memory/activation.js';
import type { Grid } from '../memory/grid.js';
import type { Layout } from '../memory/layout.js';
import { type Compute, type Job, type Planned, type Refusal, refuse } from '../plan/job.js';
import { memoryAxis, splitAround } from '../steps/axes.js';
import { needed } from '../steps/operands.js';
import { gridsOf } from '../steps/pool.js';
import { roundingOf } from './rounding.js';

/** How codes of one width are reduced. */
export interface CodeMean {
  readonly x: Grid;
  readonly y: Grid;
  /** Codes of the result. */
  readonly bounds: readonly [number, number];
  readonly kernel: 'meanFixedI8' | 'meanI16';
  /** Elements whose sum is sure to stay where the kernel is exact. */
  readonly mostElements: number;
}

/**
 * ReduceMean, ReduceSum and GlobalAveragePool over axes that stand together: a sum, scaled once.
 *
 * @see QuantizedMeanOrSum in tensorflow/lite/kernels/internal/reference/reduce.h
 */
export function planMean(job: Job): Planned | Refusal {
  const grids = gridsOf(job);
  if (grids === null) return refuse('its input and its result are not both int8');
  const { form, clamp } = job;
  const bounds = [form.codeOf(clamp.low, grids.y), form.codeOf(clamp.high, grids.y)] as const;
  return planCodeMean(job, { ...grids, bounds, kernel: 'meanFixedI8', mostElements: 2 ** 20 });
}

/** The same for codes of any width. */
export function planCodeMean(
  job: Job,
  { x: from, y: to, bounds, kernel, mostElements }: CodeMean,
): Planned | Refusal {
  const { node, form } = job;
  const given = job.constant(node.inputs[1]);
  if (node.op !== 'GlobalAveragePool' && given === null) return refuse('its axes are not constant');
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
    recorder.call(kernel, [
      ...[outer, length, inner, x.codes(layout), y.codes('row-major'), scale],
      ...[from.zero, to.zero, ...bounds],
    ]);
    return [y];
  };
  return { compute, packed: [1] };
}

/** A layout in which the axes stand together, and the others come out in row-major order. */
function runOf(
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

function apart({ node, form }: Job, axes: readonly number[]): ShapeError {
  return new ShapeError({
    what: `${node.op} over the axes ${axes.join(', ')} has no form in the requantization rule "${form.rule}".`,
    where: `node "${node.name}"`,
    fix: 'Reduce axes that stand together, of fewer elements.',
  });
}
