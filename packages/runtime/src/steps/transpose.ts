import { ShapeError } from '@espalier/core';
import { permuteWords } from '@espalier/kernels';
import { Activation } from '../memory/activation.js';
import { sameGrid } from '../memory/grid.js';
import { memoryDims } from '../memory/layout.js';
import { type Compute, type Planned, type Planner, type Refusal, refuse } from '../plan/job.js';
import { memoryAxis } from './axes.js';
import { isFloat32Value, needed } from './operands.js';
import { gridsOf, moveToGrid } from './pool.js';

/** The ranks that `permute` knows, whatever the permutation. */
const mostAxes = 6;

/** Transpose of float32 or of codes, from the layout at hand. */
export function planTranspose(integer: boolean): Planner {
  return (job): Planned | Refusal => {
    const { node } = job;
    const grids = integer ? gridsOf(job) : null;
    if (integer && grids === null) return refuse('it is not quantized');
    if (!isFloat32Value(node.inputs[0])) return refuse('it is not float32');
    const given = node.attributes.has('perm') ? node.attributes.ints('perm', []) : null;
    const rank = given?.length ?? node.inputs[0]?.type?.dims?.length;
    if (rank === undefined || rank > mostAxes)
      return refuse(`its rank is not known to be at most ${mostAxes}`);
    const compute: Compute = (inputs, recorder) => {
      const x = needed(inputs, 0, job);
      const order = given ?? x.dims.map((_, axis) => axis).reverse();
      if ([...order].sort((a, b) => a - b).join() !== x.dims.map((_, axis) => axis).join()) {
        throw new ShapeError({
          what: `Transpose has perm [${order.join(', ')}], its input is of shape [${x.dims.join(', ')}].`,
          where: `node "${node.name}"`,
        });
      }
      const { layout } = x;
      const dims = order.map((axis) => x.dims[axis] ?? 1);
      const fromMemory = order.map((axis) => memoryAxis(axis, x.dims.length, layout));
      const words = permuteWords(memoryDims(x.dims, layout), fromMemory, grids === null ? 4 : 1);
      // There is a plan for each permutation of so few axes.
      const plan = recorder.held.place(words ?? new Int32Array());
      if (grids === null) {
        const y = Activation.reals(recorder, dims, 'row-major');
        recorder.call('permute', [plan, x.reals(layout), y.reals('row-major')]);
        return [y];
      }
      const y = Activation.codes(recorder, dims, 'row-major', grids.y);
      const to = y.codes('row-major');
      recorder.call('permute', [plan, x.codes(layout), to]);
      if (!sameGrid(grids.x, grids.y)) moveToGrid(recorder, y.size, to, to, grids);
      return [y];
    };
    return { compute };
  };
}
