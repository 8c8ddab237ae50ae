import { onnxFormat } from '@espalier/onnx';
import { InferenceSession, type SessionOptions } from '@espalier/runtime';
import type { LoadedCase } from './conformance.js';

/**
 * Loads a conformance case in this process or page.
 *
 * @param runs - the outputs are those of the last: a first run is done while it is recorded, a second one plays that back, on
 * all threads
 */
export async function loadCase(
  bytes: Uint8Array,
  options: SessionOptions = {},
  runs: 1 | 2 = 1,
): Promise<LoadedCase> {
  const session = await InferenceSession.create(bytes, { ...options, formats: [onnxFormat] });
  return {
    onKernels: session.plan.some(({ implementation }) => implementation !== 'typescript'),
    async run(inputs) {
      if (runs === 2) await session.run(inputs);
      return session.run(inputs);
    },
    dispose: () => session.release(),
  };
}
