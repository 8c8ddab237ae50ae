import { definePlugin, KERNEL, type OperatorKernel, type Plugin } from '@espalier/core';

/** A plugin with one kernel: com.example.Twice, of float32, as long as its input. */
export function kernelOf(id: string, run: OperatorKernel['run']): Plugin {
  const kernel: OperatorKernel = {
    domain: 'com.example',
    op: 'Twice',
    types: ['float32'],
    infer: ([x = null]) => [x],
    run,
  };
  return definePlugin({
    id,
    register(container) {
      container.register(KERNEL, { useValue: kernel });
    },
  });
}
