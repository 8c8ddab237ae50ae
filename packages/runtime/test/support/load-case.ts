import { onnxFormat } from '@espalier/onnx';
import { InferenceSession, type SessionOptions } from '@espalier/runtime';
import type { LoadedCase } from './conformance.js';

/** Loads a conformance case in this process or page. */
export async function loadCase(bytes: Uint8Array, options: SessionOptions = {}): Promise<LoadedCase> {
  const session = await InferenceSession.create(bytes, { ...options, formats: [onnxFormat] });
  return {
    onKernels: session.plan.some(({ implementation }) => implementation !== 'typescript'),
    run: (inputs) => session.run(inputs),
    dispose: () => session.release(),
  };
}
