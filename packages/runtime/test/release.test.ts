import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { loadKernels } from '@espalier/kernels';
import { parseModel } from '@espalier/plugin-kit';
import { InferenceSession } from '@espalier/runtime';
import { expect, test } from 'vitest';

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

/** A session, and its memory held weakly. */
async function sessionAndMemory(): Promise<{ session: InferenceSession; memory: WeakRef<object> }> {
  const kernels = await loadKernels();
  const model = parseModel('input x: float32[1]\ny = Relu(x)\noutput y');
  return {
    session: await InferenceSession.create(model, { kernels }),
    memory: new WeakRef(kernels.memory),
  };
}

test('a session that is released gives its memory back, even if somebody keeps it', async () => {
  const { session, memory } = await sessionAndMemory();
  const collected = async () => {
    // What a WeakRef has given is alive until the next turn.
    await new Promise((resolve) => setTimeout(resolve, 1));
    collectGarbage();
    return memory.deref() === undefined;
  };
  expect(await collected()).toBe(false);
  await session.release();
  expect(await collected()).toBe(true);
  await expect(session.run({})).rejects.toThrow(/released/);
});
