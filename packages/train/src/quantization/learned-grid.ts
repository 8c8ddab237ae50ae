import { reductions, unaryFunctions } from '@espalier/kernels';
import type { Argument, Workspace } from '@espalier/runtime/tape';
import type { FixedCall } from '../network/fixed-call.js';
import { Parameter } from '../network/parameter.js';
import { Grid, type GridStart, type GridSums, LEAST_SCALE, type RecordCall } from './grid.js';

/**
 * Scales that are trained: s = s0 e^t, with t by the optimizer. A step of Adam then changes each scale by the same part of it,
 * however small it is, and none gets to zero. Zero points stay, so that zero keeps its code.
 *
 * @see Esser et al. 2020 (arXiv:1902.08153), section 2, for the gradient; Jain et al. 2020 (arXiv:1903.08066), section 4.2,
 *   for the logarithm
 */
export class LearnedGrid extends Grid {
  /** t, one for each scale. */
  override readonly parameter: Parameter;
  /** Address of s0. */
  readonly #first: number;

  constructor(workspace: Workspace, start: GridStart) {
    super(workspace, start);
    this.#first = workspace.heap.place(Float32Array.from(start.parameters.scale));
    const dims = [this.slices];
    const kind = { isTrainable: true, isState: false, isPenalized: false };
    const spec = { name: `scale of ${start.name}`, dims, layout: 'row-major', ...kind } as const;
    this.parameter = new Parameter(workspace, spec, new Float32Array(this.slices));
  }

  override get prepare(): readonly FixedCall[] {
    const { slices, scales, parameter } = this;
    return [
      { kernel: 'unaryF32', args: [unaryFunctions.exp, slices, parameter.effective, scales, 0, 0] },
      { kernel: 'mulF32', args: [1, slices, scales, this.#first, slices, 1, scales, LEAST_SCALE, Infinity] },
    ];
  }

  /**
   * LSQ's 1 / sqrt(elements * codes), by which a step of plain gradient descent changes scales and weights by like parts.
   *
   * @param elements - of a sample, for one scale
   */
  override factor(elements: number): number {
    return 1 / Math.sqrt(Math.max(1, elements) * (this.high - this.low));
  }

  /** That of t is that of s times s. */
  override recordGradient(call: RecordCall, { outer, sums, factor }: GridSums, to: Argument): void {
    const { slices, scales } = this;
    call('reduceF32', [reductions.sum, 1, outer, slices, sums, to]);
    call('mulF32', [1, slices, to, scales, slices, 1, to, -Infinity, Infinity]);
    call('mulF32', [1, slices, to, factor, 0, 0, to, -Infinity, Infinity]);
  }
}
