import type { Activation } from '@espalier/runtime/tape';
import type { StepRecorder } from '../step/step-recorder.js';
import type { Grid } from './grid.js';

/** Records the fake quantization of a value in place: of a run forward, which keeps nothing for gradients. */
export function recordCodesInPlace(step: StepRecorder, { scales, zeros, low, high }: Grid, x: Activation): void {
  const { layout } = x;
  const at = x.reals(layout);
  step.call('fakeQuantizeF32', [1, 1, x.size, at, scales, zeros, low, high, at]);
}

/**
 * Records the fake quantization of a value, and what it does to the range.
 *
 * @returns the values on the grid, and the straight-through gradient; x stays the caller's
 * @see Jacob et al. 2018 (arXiv:1712.05877), section 3; Krishnamoorthi 2018 (arXiv:1806.08342), section 3.3
 */
export function recordCodes(
  step: StepRecorder,
  grid: Grid,
  x: Activation,
): { readonly output: Activation; backward(gradient: Activation): Activation } {
  const { layout, size, dims } = x;
  const parameters = [grid.scales, grid.zeros, grid.low, grid.high];
  const output = step.reals(dims, layout);
  const share = { elements: size, unit: LINE };
  const [from, to] = [x.reals(layout), output.reals(layout)];
  step.split(
    'fakeQuantizeF32',
    size,
    0,
    ({ first, end }) => [1, 1, end - first, from.plus(first * 4), ...parameters, to.plus(first * 4)],
    share,
  );
  const call = step.call.bind(step);
  grid.recordMove(call, size, from, (bytes) => step.scratch(bytes));
  return {
    output,
    backward(gradient) {
      const before = step.reals(dims, layout);
      // Image by image: how a batch is shared out to threads must not change the order of sums.
      const rows = dims[0] ?? 1;
      const columns = size / rows;
      const factor = grid.factor(columns);
      const sums = factor === null ? null : step.scratch(rows * 4);
      const [reals, dy, dx] = [x, gradient, before].map((one) => one.reals(layout)) as [Place, Place, Place]; // of three
      step.split(
        'fakeQuantizeGradientF32',
        rows,
        0,
        ({ first, end }) => {
          const [count, offset] = [end - first, first * columns * 4];
          const arrays = [reals.plus(offset), dy.plus(offset), ...parameters, dx.plus(offset)];
          return [count, 1, columns, ...arrays, sums?.plus(first * 4) ?? 0];
        },
        { elements: 2 * size },
      );
      if (factor !== null && sums !== null && grid.parameter !== null) {
        const parts = { outer: rows, sums, factor: step.number(factor) };
        step.giveParameter(grid.parameter, (to) => grid.recordGradient(call, parts, to));
      }
      return before;
    },
  };
}

type Place = ReturnType<Activation['reals']>;

/** Floats between which a value is cut: no two threads write to one line of the cache. */
const LINE = 64;
