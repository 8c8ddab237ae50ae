import { type Node, toNumbers } from '@espalier/core';
import { type Argument, layoutsAgree } from '@espalier/runtime/tape';
import { recordSpread, recordSumTo } from '../step/broadcast.js';
import type { OperatorCall } from '../step/operator-call.js';
import type { Differentiable } from './differentiable.js';

/** Axes that `permute` can repeat along, however they stand. */
const MOST_AXES = 5;

export const reduceMean: Differentiable = reduction(true);
export const reduceSum: Differentiable = reduction(false);

/** A sum over constant axes, or a mean: the gradient of the result goes to each of its terms. */
function reduction(isMean: boolean): Differentiable {
  return {
    refusal(node) {
      if (node.inputs[1] != null && node.inputs[1].constant === null) return 'its axes are not constant';
      const rank = node.inputs[0]?.type?.dims?.length;
      if (rank === undefined) return 'the shape of its input is not known';
      return rank > MOST_AXES ? `its input has more than ${MOST_AXES} axes` : null;
    },
    record(call) {
      const { step } = call;
      const x = call.input(0);
      const axes = axesOf(call.node, x.dims.length);
      const kept = x.dims.map((dim, axis) => (axes.includes(axis) ? 1 : dim));
      const y = step.reals(call.dims, 'row-major');
      const to = y.reals('row-major');
      // As it stands, where what is left stands as its dims say.
      const layout = layoutsAgree(kept) ? x.layout : 'row-major';
      const shape = { dims: x.dims, layout };
      const factor = isMean ? step.number(y.size / x.size) : null;
      // Other axes are averaged in float32 when the model runs.
      const integers = isMean && isSpatial(axes, x.dims.length) ? call.integerForm(null) : null;
      const whole = integers?.read(x, layout);
      recordSumTo(step, shape, kept, whole?.x ?? x.reals(layout), to);
      if (whole !== undefined) divide(call, y.size, step.number(x.size / y.size), to);
      else if (factor !== null) scale(call, y.size, factor, to, to);
      return {
        ...(whole?.requantize(y, 1, call.bounds) ?? { output: y }),
        backward(gradient) {
          if (!call.wants(0)) return;
          const dx = step.reals(x.dims, layout);
          const share = step.scratch(y.size * 4);
          if (factor === null) step.copy(y.size * 4, gradient.reals('row-major'), share);
          else scale(call, y.size, factor, gradient.reals('row-major'), share);
          recordSpread(step, shape, { dims: kept, at: share }, dx.reals(layout));
          call.give(0, dx);
        },
      };
    },
  };
}

/** The axes that are summed over; all of them where none is given. */
function axesOf({ inputs, attributes }: Node, rank: number): readonly number[] {
  const constant = inputs[1]?.constant;
  const given = constant == null ? [] : toNumbers(constant.decode());
  if (given.length > 0) return Array.from(given, (axis) => (axis + rank) % rank);
  const isNothing = attributes.int('noop_with_empty_axes', 0) !== 0;
  return isNothing ? [] : Array.from({ length: rank }, (_, axis) => axis);
}

/** All axes but those of samples and channels. */
function isSpatial(axes: readonly number[], rank: number): boolean {
  const found = new Set(axes);
  return rank > 2 && found.size === rank - 2 && !found.has(0) && !found.has(1);
}

function divide({ step }: OperatorCall, size: number, by: Argument, at: Argument): void {
  step.call('divF32', [1, size, at, by, 0, 0, at, -Infinity, Infinity]);
}

function scale({ step }: OperatorCall, size: number, factor: number, from: Argument, to: Argument): void {
  step.call('mulF32', [1, size, from, factor, 0, 0, to, -Infinity, Infinity]);
}
