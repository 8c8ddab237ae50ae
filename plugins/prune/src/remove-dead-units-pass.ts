import {
  type Executor,
  inferShapes,
  type Model,
  type Pass,
  type PassContext,
  type PassResult,
} from '@espalier/core';
import { countElements } from './channels/count-elements.js';
import { deadUnits } from './channels/dead-units.js';
import { findUnits } from './channels/find-units.js';
import { addBias, biasShifts, shiftBias } from './channels/fold-shift.js';
import { Remaining } from './channels/remaining.js';
import { removeUnits } from './channels/remove-units.js';
import type { RemoveDeadUnitsOptions } from './remove-dead-units-options.js';

export const REMOVE_DEAD_UNITS = 'remove-dead-units';

/**
 * Takes out neurons and channels that no output depends on: those that no weight leads into or out of, as pruning leaves
 * them. What is left of a unit that nothing leads into, a constant, goes into the biases of the layers that read it.
 */
export class RemoveDeadUnitsPass implements Pass<RemoveDeadUnitsOptions> {
  readonly name: string = REMOVE_DEAD_UNITS;
  readonly effect: Pass['effect'] = 'exact';
  readonly after: readonly string[] = ['fold-batch-norm', 'fuse', 'prune', 'prune-channels'];
  readonly before: readonly string[] = ['share-weights', 'quantize', 'huffman', 'range-coder'];
  readonly preserves: readonly string[] = ['sparsity', 'codebook', 'quantization', 'folded-norms'];
  readonly #executor: Executor | null;

  /** @param executor - computes what becomes of a constant; without one fewer units are known to be dead */
  constructor(executor: Executor | null) {
    this.#executor = executor;
  }

  /** What is coupled is found anew for each round, layer by layer. */
  cost(): 'quadratic' {
    return 'quadratic';
  }

  async run(
    model: Model,
    { count, log, progress }: PassContext<RemoveDeadUnitsOptions>,
  ): Promise<PassResult> {
    inferShapes(model, { onContradiction: (error) => log.debug(error.message) });
    const before = countElements(model);
    let removed = 0;
    // What led to a dead unit alone is dead once that is gone.
    for (let round = 1; ; round++) {
      const found = findUnits(model);
      const { units, settled } = deadUnits(model, found, this.#executor);
      const remaining = new Remaining();
      const gone = units.filter((unit) => remaining.take(unit));
      await progress(round, round + Math.sign(gone.length), `${removed} units`);
      if (gone.length === 0) break;
      const shifts = biasShifts(found, settled, new Set(gone.map(({ id }) => id)));
      // A bias that is new has channels, too, which may have to go: all is looked at again.
      if (shifts.filter(({ matrix }) => addBias(model.graph, matrix)).length > 0) {
        inferShapes(model);
        continue;
      }
      for (const shift of shifts) shiftBias(model.graph, shift);
      removeUnits(model, found, gone);
      removed += gone.length;
    }
    count('units.removed', removed);
    count('weights.removed', before - countElements(model));
    return { modified: removed > 0 };
  }
}
