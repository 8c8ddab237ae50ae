import { permuteWords } from '@espalier/kernels';
import type { Address, Argument } from '@espalier/runtime/tape';
import { recordPacking, recordProduct, recordTransposedProduct } from '../step/product.js';
import type { StepRecorder } from '../step/step-recorder.js';
import type { Differentiable } from './differentiable.js';
import { recurrent } from './recurrent.js';
import { type Direction, type GateGradients, type RecurrentSize, TimeWalk } from './recurrent-direction.js';

const GATES = 4;

/** LSTM with its default activations. ONNX LSTM, opset 22. */
export const lstm: Differentiable = recurrent({
  gates: GATES,
  activations: ['Sigmoid', 'Tanh', 'Tanh'],
  productBiases: () => 0,
  open: (step, size, isReverse) => new LstmDirection(step, size, isReverse),
});

/**
 * c' = f c + i g, h' = o tanh(c'), with gates i, o, f, g in this order. Kept are the gates of each step, gate by gate, and
 * tanh(c').
 */
class LstmDirection implements Direction {
  readonly states: Address;
  readonly cells: Address;
  readonly #walk: TimeWalk;
  readonly #gates: Address;
  readonly #bent: Address;

  constructor(step: StepRecorder, size: RecurrentSize, isReverse: boolean) {
    const walk = new TimeWalk(step, size, isReverse);
    this.#walk = walk;
    this.states = walk.keep(size.sequence + 1);
    this.cells = walk.keep(size.sequence + 1);
    this.#gates = walk.keep(size.sequence * GATES);
    this.#bent = walk.keep(size.sequence);
  }

  forward(given: Address, recurrence: Argument, bias: Argument): void {
    const walk = this.#walk;
    const { step } = walk;
    const { batch, hidden } = walk.size;
    const columns = GATES * hidden;
    const matrix = { n: columns, k: hidden, at: recurrence, rowStride: 1, columnStride: hidden };
    const packed = recordPacking(step, matrix, bias);
    const product = walk.scratch(GATES);
    const byGate = step.held(permuteWords([batch, GATES, hidden], [1, 0, 2], 4) ?? new Int32Array());
    for (const time of walk.times) {
      const [h, c] = [walk.at(this.states, walk.before(time)), walk.at(this.cells, walk.before(time))];
      const next = walk.at(this.cells, walk.after(time));
      const bent = walk.at(this.#bent, time);
      recordProduct(step, { m: batch, n: columns, k: hidden }, h, packed, product);
      walk.pair('addF32', product, walk.at(given, time, GATES), product, GATES);
      const { i, o, f, g } = this.#gatesAt(time);
      step.call('permute', [byGate, product, i]);
      walk.unary('sigmoid', i, i, 3);
      walk.unary('tanh', g, g);
      walk.pair('mulF32', f, c, next);
      walk.pair('mulF32', i, g, product);
      walk.pair('addF32', next, product, next);
      walk.unary('tanh', next, bent);
      walk.pair('mulF32', o, bent, walk.at(this.states, walk.after(time)));
    }
  }

  backward(
    recurrence: Argument,
    dy: (time: number) => Address | null,
    dh: Address,
    dc: Address,
  ): GateGradients {
    const walk = this.#walk;
    const { step } = walk;
    const { sequence, batch, hidden } = walk.size;
    const columns = GATES * hidden;
    const matrix = { n: hidden, k: columns, at: recurrence, rowStride: hidden, columnStride: 1 };
    const packed = recordPacking(step, matrix);
    const gradients = walk.scratch(sequence * GATES);
    const [di, work] = [walk.scratch(GATES), walk.scratch(1)];
    const [dO, df, dg] = [1, 2, 3].map((gate) => walk.at(di, gate)) as [Address, Address, Address]; // of three
    const byRow = step.held(permuteWords([GATES, batch, hidden], [1, 0, 2], 4) ?? new Int32Array());
    for (const time of walk.times.toReversed()) {
      const { i, o, f, g } = this.#gatesAt(time);
      const bent = walk.at(this.#bent, time);
      const to = walk.at(gradients, time, GATES);
      const given = dy(time);
      if (given !== null) walk.pair('addF32', dh, given, dh);
      walk.pair('mulF32', dh, bent, dO);
      walk.pair('mulF32', dh, o, work);
      walk.slope('tanh', bent, work, work);
      walk.pair('addF32', dc, work, dc);
      walk.pair('mulF32', dc, g, di);
      walk.pair('mulF32', dc, walk.at(this.cells, walk.before(time)), df);
      walk.pair('mulF32', dc, i, dg);
      walk.pair('mulF32', dc, f, dc);
      walk.slope('sigmoid', i, di, di, 3);
      walk.slope('tanh', g, dg, dg);
      step.call('permute', [byRow, di, to]);
      recordProduct(step, { m: batch, n: hidden, k: columns }, to, packed, dh);
    }
    return { ofInputs: gradients, ofProducts: gradients };
  }

  recurrenceGradient({ ofProducts }: GateGradients, to: Argument): void {
    const { step, size } = this.#walk;
    const left = { at: ofProducts, columns: GATES * size.hidden };
    const right = { at: this.#walk.statesBefore(this.states), columns: size.hidden };
    recordTransposedProduct(step, size.sequence * size.batch, left, right, to);
  }

  release(): void {
    this.#walk.release();
  }

  #gatesAt(time: number): {
    readonly i: Address;
    readonly o: Address;
    readonly f: Address;
    readonly g: Address;
  } {
    const walk = this.#walk;
    const i = walk.at(this.#gates, time, GATES);
    return { i, o: walk.at(i, 1), f: walk.at(i, 2), g: walk.at(i, 3) };
  }
}
