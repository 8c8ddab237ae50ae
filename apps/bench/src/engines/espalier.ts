import { espalierFormat } from '@espalier/container';
import { affineKind, denseKind, Tensor, toFloat32 } from '@espalier/core';
import { InferenceSession } from '@espalier/runtime';
import type { Engine } from './engine.js';

/** Espalier by its public API: a `.espalier` file and a float32 tensor. */
export function espalierEngine(): Engine {
  const formats = [espalierFormat(() => [denseKind, affineKind])];
  return {
    async load({ file, input, dims }) {
      const session = await InferenceSession.create(file, { formats });
      const feeds = { x: new Tensor('float32', input, dims) };
      return {
        run: () => session.run(feeds),
        async answer() {
          const [output] = Object.values(await session.run(feeds));
          return output === undefined ? new Float32Array(0) : toFloat32(output);
        },
        release: () => session.release(),
      };
    },
  };
}
