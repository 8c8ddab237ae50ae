import { type Dataset, definePlugin, EXECUTOR, type Plugin, type Tensor } from '@espalier/core';
import { seededTensor } from '@espalier/plugin-kit';
import { RuntimeExecutor } from '@espalier/runtime';

/** Gives passes something to run models with. */
export const runtime: Plugin = definePlugin({
  id: 'runtime',
  register(container) {
    container.register(EXECUTOR, { useValue: new RuntimeExecutor() });
  },
});

/** Seeded inputs, one sample a batch. */
export function samples(dims: readonly number[], count = 4, input = 'x', make = seeded): Dataset {
  return {
    name: 'seeded samples',
    count,
    labelled: false,
    async *batches(_, limit = count) {
      for (let i = 0; i < Math.min(count, limit); i++) yield { feeds: { [input]: make(i, dims) }, count: 1 };
    },
  };
}

function seeded(index: number, dims: readonly number[]): Tensor {
  return seededTensor(`sample ${index}`, dims, -1, 1);
}
