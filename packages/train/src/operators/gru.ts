import { permuteWords } from '@espalier/kernels';
import type { Address, Argument } from '@espalier/runtime/tape';
import { plus } from '../step/argument.js';
import { recordPacking, recordProduct, recordTransposedProduct } from '../step/product.js';
import type { StepRecorder } from '../step/step-recorder.js';
import type { Differentiable } from './differentiable.js';
import { recurrent } from './recurrent.js';
import { type Direction, type GateGradients, type RecurrentSize, TimeWalk } from './recurrent-direction.js';

const GATES = 3;

/** GRU with its default activations, the reset before the product with h or behind it. ONNX GRU, opset 22. */
export const gru: Differentiable = recurrent({
  gates: GATES,
  activations: ['Sigmoid', 'Tanh'],
  productBiases: ({ attributes }) => (attributes.int('linear_before_reset', 0) === 0 ? 0 : 1),
  open: (step, size, isReverse, { attributes }) =>
    new GruDirection(step, size, isReverse, attributes.int('linear_before_reset', 0) === 0),
});

/**
 * h' = (1 - z) n + z h, with gates z, r, n in this order; r scales h before its product with the weights of n, or that
 * product. Kept are the gates of each step, gate by gate, and what r scales or has scaled.
 */
class GruDirection implements Direction {
  readonly states: Address;
  readonly cells: null = null;
  readonly #walk: TimeWalk;
  readonly #resetsBefore: boolean;
  readonly #gates: Address;
  /** r h where h is reset before the product; else the product of h and the weights of n. */
  readonly #inner: Address;

  constructor(step: StepRecorder, size: RecurrentSize, isReverse: boolean, resetsBefore: boolean) {
    const walk = new TimeWalk(step, size, isReverse);
    this.#walk = walk;
    this.#resetsBefore = resetsBefore;
    this.states = walk.keep(size.sequence + 1);
    this.#gates = walk.keep(size.sequence * GATES);
    this.#inner = walk.keep(size.sequence);
  }

  forward(given: Address, recurrence: Argument, bias: Argument): void {
    const walk = this.#walk;
    const { step } = walk;
    const { batch, hidden } = walk.size;
    const joined = this.#joined;
    const packed = this.#packed(recurrence, 0, joined, bias);
    const candidate = this.#resetsBefore ? this.#packed(recurrence, 2, 1, 0) : packed;
    const [product, local] = [walk.scratch(GATES), walk.scratch(GATES)];
    const byGate = this.#permutation(GATES, 'gates');
    const joinedByGate = this.#permutation(joined, 'gates');
    for (const time of walk.times) {
      const h = walk.at(this.states, walk.before(time));
      const { z, r, n } = this.#gatesAt(time);
      const inner = walk.at(this.#inner, time);
      recordProduct(step, { m: batch, n: joined * hidden, k: hidden }, h, packed, product);
      step.call('permute', [joinedByGate, product, local]);
      step.call('permute', [byGate, walk.at(given, time, GATES), z]);
      walk.pair('addF32', z, local, z, 2);
      walk.unary('sigmoid', z, z, 2);
      if (this.#resetsBefore) {
        walk.pair('mulF32', r, h, inner);
        recordProduct(step, { m: batch, n: hidden, k: hidden }, inner, candidate, product);
      } else {
        step.copy(walk.n * 4, walk.at(local, 2), inner);
        walk.pair('mulF32', r, inner, product);
      }
      walk.pair('addF32', n, product, n);
      walk.unary('tanh', n, n);
      this.#rest(z, local);
      walk.pair('mulF32', local, n, local);
      walk.pair('mulF32', z, h, product);
      walk.pair('addF32', local, product, walk.at(this.states, walk.after(time)));
    }
  }

  backward(recurrence: Argument, dy: (time: number) => Address | null, dh: Address): GateGradients {
    const walk = this.#walk;
    const { step } = walk;
    const { sequence, batch, hidden } = walk.size;
    const joined = this.#joined;
    const packed = this.#packedBack(recurrence, 0, joined);
    const candidate = this.#resetsBefore ? this.#packedBack(recurrence, 2, 1) : packed;
    const ofInputs = walk.scratch(sequence * GATES);
    const ofProducts = this.#resetsBefore ? ofInputs : walk.scratch(sequence * GATES);
    const [dz, next, work] = [walk.scratch(GATES), walk.scratch(1), walk.scratch(GATES)];
    const [dr, dn] = [walk.at(dz, 1), walk.at(dz, 2)];
    const byRow = this.#permutation(GATES, 'rows');
    const pairByRow = this.#permutation(2, 'rows');
    for (const time of walk.times.toReversed()) {
      const h = walk.at(this.states, walk.before(time));
      const { z, r, n } = this.#gatesAt(time);
      const inner = walk.at(this.#inner, time);
      const to = walk.at(ofInputs, time, GATES);
      const given = dy(time);
      if (given !== null) walk.pair('addF32', dh, given, dh);
      walk.pair('subF32', h, n, dz);
      walk.pair('mulF32', dh, dz, dz);
      this.#rest(z, dn);
      walk.pair('mulF32', dh, dn, dn);
      walk.slope('tanh', n, dn, dn);
      walk.pair('mulF32', dh, z, next);
      if (this.#resetsBefore) {
        // The gradient of r h.
        recordProduct(step, { m: batch, n: hidden, k: hidden }, dn, candidate, work);
        walk.pair('mulF32', work, h, dr);
        walk.pair('mulF32', work, r, work);
        walk.pair('addF32', next, work, next);
      } else {
        walk.pair('mulF32', dn, inner, dr);
      }
      walk.slope('sigmoid', z, dz, dz, 2);
      step.call('permute', [byRow, dz, to]);
      if (this.#resetsBefore) {
        step.call('permute', [pairByRow, dz, work]);
        recordProduct(step, { m: batch, n: hidden, k: 2 * hidden }, work, packed, dh);
      } else {
        const products = walk.at(ofProducts, time, GATES);
        walk.pair('mulF32', dn, r, dn);
        step.call('permute', [byRow, dz, products]);
        recordProduct(step, { m: batch, n: hidden, k: GATES * hidden }, products, packed, dh);
      }
      walk.pair('addF32', dh, next, dh);
    }
    return { ofInputs, ofProducts };
  }

  recurrenceGradient({ ofProducts }: GateGradients, to: Argument): void {
    const { step, size } = this.#walk;
    const rows = size.sequence * size.batch;
    const left = { at: ofProducts, columns: GATES * size.hidden };
    const states = { at: this.#walk.statesBefore(this.states), columns: size.hidden };
    recordTransposedProduct(step, rows, left, states, to);
    if (!this.#resetsBefore) return;
    // The weights of n have met r h instead.
    const bytes = size.hidden * size.hidden * 4;
    const all = step.scratch(GATES * bytes);
    recordTransposedProduct(step, rows, left, { at: this.#inner, columns: size.hidden }, all);
    step.copy(bytes, all.plus(2 * bytes), plus(to, 2 * bytes));
  }

  release(): void {
    this.#walk.release();
  }

  /** Gates whose product with h is one. */
  get #joined(): number {
    return this.#resetsBefore ? 2 : GATES;
  }

  /** Weights of `count` gates from `first` on, as the right factor of h. */
  #packed(recurrence: Argument, first: number, count: number, bias: Argument): Address {
    const { step, size } = this.#walk;
    const { hidden } = size;
    const at = plus(recurrence, first * hidden * hidden * 4);
    return recordPacking(
      step,
      { n: count * hidden, k: hidden, at, rowStride: 1, columnStride: hidden },
      bias,
    );
  }

  /** As the right factor of gradients of the gates. */
  #packedBack(recurrence: Argument, first: number, count: number): Address {
    const { step, size } = this.#walk;
    const { hidden } = size;
    const at = plus(recurrence, first * hidden * hidden * 4);
    return recordPacking(step, { n: hidden, k: count * hidden, at, rowStride: hidden, columnStride: 1 });
  }

  /** The plan that brings [batch, count, hidden] to [count, batch, hidden], or back. */
  #permutation(count: number, to: 'gates' | 'rows'): number {
    const { step, size } = this.#walk;
    const { batch, hidden } = size;
    const dims = to === 'gates' ? [batch, count, hidden] : [count, batch, hidden];
    return step.held(permuteWords(dims, [1, 0, 2], 4) ?? new Int32Array());
  }

  /** y = 1 - z */
  #rest(z: Argument, y: Address): void {
    const { step, n } = this.#walk;
    this.#walk.unary('neg', z, y);
    step.call('addF32', [1, n, y, step.number(1), 0, 0, y, -Infinity, Infinity]);
  }

  #gatesAt(time: number): { readonly z: Address; readonly r: Address; readonly n: Address } {
    const walk = this.#walk;
    const z = walk.at(this.#gates, time, GATES);
    return { z, r: walk.at(z, 1), n: walk.at(z, 2) };
  }
}
