import { reductions } from '@espalier/kernels';
import { type Loss, outputOf } from './loss.js';

/** The mean of (output - target)^2 over all numbers of an output. Samples come with `targets`. */
export function meanSquaredError(options: { readonly output?: string } = {}): Loss {
  return {
    name: 'mean squared error',
    needs: 'targets',
    compared: (graph) => outputOf(graph, options.output),
    record(step, { count, width, output, targets, gradient, losses }) {
      const size = count * width;
      step.call('subF32', [1, size, output, targets, size, 1, gradient, -Infinity, Infinity]);
      step.call('reduceF32', [reductions.sumSquare, count, width, 1, gradient, losses]);
      const mean = step.number(1 / width);
      step.call('mulF32', [1, count, losses, mean, 0, 0, losses, -Infinity, Infinity]);
      const factor = step.number(2 / size);
      step.call('mulF32', [1, size, gradient, factor, 0, 0, gradient, -Infinity, Infinity]);
    },
  };
}
