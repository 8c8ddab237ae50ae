import type { Value } from '@espalier/core';
import { roundHalfAway, roundHalfEven } from '@espalier/core';
import { fixedPoint, fixedPointScale } from '@espalier/kernels';
import { Activation } from '../memory/activation.js';
import type { Grid } from '../memory/grid.js';
import type { Layout } from '../memory/layout.js';
import type { Job } from '../plan/job.js';
import { gridOfValue, wideGridOfValue } from '../steps/operands.js';
import type { Address } from '../tape/block.js';
import type { Recorder } from '../tape/recorder.js';

/** The first and the last code of a grid. */
export function codesOf({ wide }: Grid): readonly [low: number, high: number] {
  return wide ? [-(2 ** 15), 2 ** 15 - 1] : [-128, 127];
}

/** The grid of a value, of 8 or 16 bits. */
export function codeGridOf(value: Value | null | undefined): Grid | null {
  return gridOfValue(value) ?? wideGridOfValue(value);
}

/** The code nearest to a bound of a fused activation; halves go where the rule says. */
export function boundOf(job: Job, real: number, grid: Grid): number {
  const steps = Math.fround(Math.fround(real) / grid.scale);
  const [low, high] = codesOf(grid);
  const round = job.form.rule === 'onnx' ? roundHalfEven : roundHalfAway;
  return Math.min(Math.max(round(steps) + grid.zero, low), high);
}

/** The codes of the fused activation's bounds. */
export function boundsOf(job: Job, grid: Grid): readonly [low: number, high: number] {
  return [boundOf(job, job.clamp.low, grid), boundOf(job, job.clamp.high, grid)];
}

const factorOne = fixedPointScale(fixedPoint(1), 'once');

/** The codes of an activation as int16, widened in each run where they are int8. */
export function wideCodes(recorder: Recorder, x: Activation, layout: Layout): Address {
  const { grid, size } = x;
  if (grid === null || grid.wide) return x.codes(layout);
  const from = x.codes(layout);
  const to = recorder.scratch(size * 2);
  recorder.call('rescale', [size, from, 1, to, 2, recorder.held.place(factorOne), 0, 0, -128, 127]);
  return to;
}

/** Room for the codes of a result as int16, and what brings them to the result's grid. */
export interface WideRoom {
  readonly y: Activation;
  readonly to: Address;
  /** To be called once the codes are written. */
  settle(): void;
}

export function wideRoom(recorder: Recorder, dims: readonly number[], layout: Layout, grid: Grid): WideRoom {
  const y = Activation.codes(recorder, dims, layout, grid);
  const codes = y.codes(layout);
  if (grid.wide) return { y, to: codes, settle: () => {} };
  const to = recorder.scratch(y.size * 2);
  const settle = (): void => {
    recorder.call('rescale', [y.size, to, 2, codes, 1, recorder.held.place(factorOne), 0, 0, -128, 127]);
  };
  return { y, to, settle };
}
