import { espalierFormat } from '@espalier/container';
import { affineKind, denseKind, packedKind, sparseKind, Tensor, toFloat32 } from '@espalier/core';
import { InferenceSession } from '@espalier/runtime';
import type { Engine } from './engine.js';

/** Espalier by its public API: a `.espalier` file and a float32 tensor. */
export function espalierEngine(fastMath = false): Engine {
  const formats = [espalierFormat(() => [denseKind, affineKind, sparseKind, packedKind])];
  return {
    async load({ file, input, dims, threads }) {
      const session = await InferenceSession.create(file, { formats, threads, fastMath });
      const feeds = { x: new Tensor('float32', input, dims) };
      return {
        run: () => session.run(feeds),
        async answer() {
          const [output] = Object.values(await session.run(feeds));
          return output === undefined ? new Float32Array(0) : toFloat32(output);
        },
        async productMs(runs) {
          const { nodes } = await session.profile(feeds, { runs });
          return nodes.reduce((sum, { ms, macs }) => (macs > 0 ? sum + ms : sum), 0);
        },
        release: () => session.release(),
      };
    },
  };
}
