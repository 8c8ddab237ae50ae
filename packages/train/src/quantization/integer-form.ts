import type { Activation, Address, Argument, Layout } from '@espalier/runtime/tape';
import type { Parameter } from '../network/parameter.js';
import type { Bounds } from '../step/operator-call.js';
import type { StepRecorder } from '../step/step-recorder.js';
import type { Grid } from './grid.js';
import { type GridShape, gridShape } from './grid-shape.js';

/** The grids that int8 kernels compute a node between. */
export interface NodeGrids {
  readonly x: Grid;
  /** Null where it has no weights. */
  readonly weight: Grid | null;
  readonly y: Grid;
}

/** What a node reads, as whole numbers: good until the next part. */
export interface WholeOperands {
  /** Addresses. */
  readonly x: Address;
  /** 0 where there are none. */
  readonly weights: Argument;
  /** In units of the scale of x times that of the weights; 0 where there is none. */
  readonly bias: Argument;
  /**
   * Records what becomes of sums, of which every `columns` make a row: the result within the bounds of the activation behind
   * it, in place where it is kept for the way back, and on its grid.
   */
  requantize(sums: Activation, columns: number, bounds: Bounds): RequantizedSums;
}

export interface RequantizedSums {
  /** Before rounding; on the grid too where nothing goes back. */
  readonly output: Activation;
  readonly rounded: Activation;
}

/** Floats between which a value is cut: no two threads write to one line of the cache. */
const LINE = 64;

/** Columns that a kernel reads multipliers of at once. */
const LANES = 4;

/**
 * A node computed as int8 kernels compute it by rule `onnx`: on whole numbers, the codes of what it reads without their zero
 * points. They are held as float32, in which sums below 2^24 have no error whatever their order (below 2^22 by Winograd's
 * algorithm, which goes through quarters), and are then multiplied and rounded as int32 sums are. The way back knows nothing
 * of it: it has the reals.
 */
export class IntegerForm {
  readonly #step: StepRecorder;
  readonly #grids: NodeGrids;

  constructor(step: StepRecorder, grids: NodeGrids) {
    this.#step = step;
    this.#grids = grids;
  }

  /** Records the codes of what the node reads. */
  read(
    x: Activation,
    layout: Layout,
    weights: Parameter | null = null,
    bias: Parameter | null = null,
  ): WholeOperands {
    const { x: input, weight, y } = this.#grids;
    const step = this.#step;
    const [slices, scales] = weight === null ? [1, step.number(1)] : [weight.slices, weight.scales];
    // One block: memory is planned in less time than for five.
    const sizes = [x.size, weights?.size ?? 0, slices, bias?.size ?? 0];
    const room = step.scratch((sizes.reduce((a, b) => a + b) + slices + LANES) * 4);
    const at = (index: number): Address =>
      room.plus(sizes.slice(0, index).reduce((sum, size) => sum + size * 4, 0));
    const [codes, held, units, added, multipliers] = [at(0), at(1), at(2), at(3), at(4)];
    this.#wholeActivation(x, layout, codes);
    step.call('requantizeMultipliersF32', [slices, scales, input.scales, y.scales, multipliers]);
    const requantize: WholeOperands['requantize'] = (sums, columns, bounds) =>
      this.#requantize(sums, multipliers, columns, bounds);
    if (weights === null || weight === null) return { x: codes, weights: 0, bias: 0, requantize };
    const { spec, effective } = weights;
    this.#whole(gridShape(spec.dims, spec.layout, weight), effective, scales, held);
    if (bias === null) return { x: codes, weights: held, bias: 0, requantize };
    step.call('mulF32', [1, slices, scales, input.scales, 0, 0, units, -Infinity, Infinity]);
    const inner = slices === 1 ? bias.size : 1;
    this.#whole({ outer: 1, slices, inner }, bias.effective, units, added);
    return { x: codes, weights: held, bias: added, requantize };
  }

  #requantize(
    sums: Activation,
    multipliers: Address,
    columns: number,
    { low: least, high: most }: Bounds,
  ): RequantizedSums {
    const step = this.#step;
    const { layout, dims, size } = sums;
    const { scales, zeros, low, high } = this.#grids.y;
    const stride = (this.#grids.weight?.slices ?? 1) === 1 ? 0 : 4;
    const from = sums.reals(layout);
    const rounded = step.purpose.training ? step.reals(dims, layout) : sums;
    const to = rounded.reals(layout);
    const isKept = rounded !== sums;
    step.split(
      'fakeRequantizeF32',
      size / columns,
      0,
      ({ first, end }) => {
        const [at, y] = [from.plus(first * columns * 4), to.plus(first * columns * 4)];
        const grid = [scales, zeros, low, high, least, most];
        return [end - first, columns, at, multipliers, stride, ...grid, isKept ? at : 0, y];
      },
      { elements: 2 * size },
    );
    return { output: sums, rounded };
  }

  #wholeActivation(x: Activation, layout: Layout, to: Address): void {
    const { size } = x;
    const from = x.reals(layout);
    const { scales } = this.#grids.x;
    const argsOf = ({ first, end }: { readonly first: number; readonly end: number }) => {
      return [1, 1, end - first, from.plus(first * 4), scales, to.plus(first * 4)];
    };
    this.#step.split('wholeF32', size, 0, argsOf, { elements: size, unit: LINE });
  }

  #whole({ outer, slices, inner }: GridShape, from: number, scales: Argument, to: Address): void {
    this.#step.call('wholeF32', [outer, slices, inner, from, scales, to]);
  }
}
