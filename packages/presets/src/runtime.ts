import { definePlugin, EXECUTOR, KERNEL, type Plugin, resolveAll } from '@espalier/core';
import { RuntimeExecutor } from '@espalier/runtime';

/** Lets passes run models: to calibrate, to fold constants, to measure drift. */
export const runtimePlugin: Plugin = definePlugin({
  id: 'runtime',
  register(container) {
    container.register(EXECUTOR, {
      useFactory: (run) => new RuntimeExecutor({ operatorKernels: resolveAll(run, KERNEL) }),
    });
  },
});
