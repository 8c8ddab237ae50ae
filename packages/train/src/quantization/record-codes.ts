import type { Activation, Address, Argument } from '@espalier/runtime/tape';
import type { StepRecorder } from '../step/step-recorder.js';
import type { Grid } from './grid.js';

/** Floats between which a value is cut: no two threads write to one line of the cache. */
const LINE = 64;

/** Records the fake quantization of a value in place, where no gradient comes back to it. */
export function recordCodesInPlace(step: StepRecorder, grid: Grid, x: Activation): void {
  const at = x.reals(x.layout);
  if (step.purpose.training) recordMove(step, grid, x);
  recordRounding(step, grid, x.size, at, at);
}

/**
 * Records the fake quantization of a value, and what it does to the range.
 *
 * @param rounded - the values on the grid, where they are there already
 * @returns the values on the grid, and the straight-through gradient; x stays the caller's
 * @see Jacob et al. 2018 (arXiv:1712.05877), section 3; Krishnamoorthi 2018 (arXiv:1806.08342), section 3.3
 */
export function recordCodes(
  step: StepRecorder,
  grid: Grid,
  x: Activation,
  rounded: Activation | null = null,
): { readonly output: Activation; backward(gradient: Activation): Activation } {
  const { layout, size, dims } = x;
  const output = rounded ?? step.reals(dims, layout);
  recordMove(step, grid, x);
  if (rounded === null) recordRounding(step, grid, size, x.reals(layout), output.reals(layout));
  return {
    output,
    backward(gradient) {
      const before = step.reals(dims, layout);
      // Image by image: how a batch is shared out to threads must not change the order of sums.
      const images = dims[0] ?? 1;
      const columns = size / images;
      const factor = grid.factor(columns);
      const sums = factor === null ? null : step.scratch(images * 4);
      const [reals, dy, dx] = [x.reals(layout), gradient.reals(layout), before.reals(layout)];
      const argsOf = ({ first, end }: { readonly first: number; readonly end: number }) => {
        const at = (address: Address): Address => address.plus(first * columns * 4);
        const { scales, zeros, low, high } = grid;
        const to = sums?.plus(first * 4) ?? 0;
        return [end - first, 1, columns, at(reals), at(dy), scales, zeros, low, high, at(dx), to];
      };
      step.split('fakeQuantizeGradientF32', images, 0, argsOf, { elements: 2 * size });
      if (factor !== null && sums !== null && grid.parameter !== null) {
        const parts = { outer: images, sums, factor: step.number(factor) };
        step.giveParameter(grid.parameter, (to) => grid.recordGradient(step.call.bind(step), parts, to));
      }
      return before;
    },
  };
}

function recordRounding(step: StepRecorder, grid: Grid, size: number, from: Address, to: Address): void {
  const { scales, zeros, low, high } = grid;
  const argsOf = ({ first, end }: { readonly first: number; readonly end: number }) => {
    const [x, y] = [from.plus(first * 4), to.plus(first * 4)];
    return [1, 1, end - first, x, scales, zeros, low, high, y];
  };
  step.split('fakeQuantizeF32', size, 0, argsOf, { elements: size, unit: LINE });
}

function recordMove(step: StepRecorder, grid: Grid, x: Activation): void {
  const scratch = (bytes: number): Argument => step.scratch(bytes);
  grid.recordMove(step.call.bind(step), x.size, x.reals(x.layout), scratch);
}
