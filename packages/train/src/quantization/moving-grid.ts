import { reductions, unaryFunctions } from '@espalier/kernels';
import type { Argument, Workspace } from '@espalier/runtime/tape';
import type { FixedCall } from '../network/fixed-call.js';
import { Parameter } from '../network/parameter.js';
import { Grid, type GridStart, LEAST_SCALE, type RecordCall } from './grid.js';

/** What a batch counts in the average; PyTorch's observers take the same. */
const WEIGHT_OF_BATCH = 0.01;

/**
 * The grid of a range that follows the extremes of batches, averaged: from the least code for its least value to the greatest
 * for its greatest, with a code for zero. A batch moves the range of the next step.
 *
 * @see Jacob et al. 2018 (arXiv:1712.05877), section 3.1
 */
export class MovingGrid extends Grid {
  /** [min, max], min <= 0 <= max. */
  override readonly parameter: Parameter;
  /** Addresses of numbers. */
  readonly #codes: number;
  readonly #low: number;
  readonly #weight: number;

  constructor(workspace: Workspace, start: GridStart) {
    super(workspace, start);
    const { name, low, high, parameters } = start;
    const [scale = 1] = parameters.scale;
    const [zero = 0] = parameters.zeroPoint;
    const range = Float32Array.of((low - zero) * scale, (high - zero) * scale);
    const kind = { isTrainable: false, isState: true, isPenalized: false };
    const spec = { name: `range of ${name}`, dims: [2], layout: 'row-major', ...kind } as const;
    this.parameter = new Parameter(workspace, spec, range);
    const { heap } = workspace;
    this.#codes = heap.place(Float32Array.of(high - low));
    this.#low = heap.place(Float32Array.of(low));
    this.#weight = heap.place(Float32Array.of(WEIGHT_OF_BATCH));
  }

  override get prepare(): readonly FixedCall[] {
    const { scales, zeros, low, high } = this;
    const [min, max] = [this.parameter.effective, this.parameter.effective + 4];
    const pair = (kernel: 'subF32' | 'divF32', a: number, b: number, y: number, least = -Infinity) =>
      ({ kernel, args: [1, 1, a, b, 1, 1, y, least, Infinity] }) as const;
    return [
      pair('subF32', max, min, scales),
      pair('divF32', scales, this.#codes, scales, LEAST_SCALE),
      // zero = clamp(round(low - min / scale), low, high)
      pair('divF32', min, scales, zeros),
      pair('subF32', this.#low, zeros, zeros),
      { kernel: 'unaryF32', args: [unaryFunctions.round, 1, zeros, zeros, 0, 0] },
      { kernel: 'clampF32', args: [1, zeros, zeros, low, high] },
    ];
  }

  /** Records how the reals of a batch move the range. */
  override recordMove(
    call: RecordCall,
    size: number,
    x: Argument,
    scratch: (bytes: number) => Argument,
  ): void {
    const [min, max] = [scratch(4), scratch(4)];
    const range = this.parameter.effective;
    for (const [extreme, at, to, low, high] of [
      [reductions.min, min, range, -Infinity, 0],
      [reductions.max, max, range + 4, 0, Infinity],
    ] as const) {
      call('reduceF32', [extreme, 1, size, 1, x, at]);
      call('clampF32', [1, at, at, low, high]);
      call('subF32', [1, 1, at, to, 1, 1, at, -Infinity, Infinity]);
      call('mulF32', [1, 1, at, this.#weight, 1, 1, at, -Infinity, Infinity]);
      call('addF32', [1, 1, to, at, 1, 1, to, -Infinity, Infinity]);
    }
  }
}
