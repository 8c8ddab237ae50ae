// The one module of Espalier that does something by being imported: package.json lists it under `sideEffects`.

import { espalierFormat } from '@espalier/container';
import { coreEncodings } from '@espalier/core';
import { onnxFormat } from '@espalier/onnx';
import { huffmanKind } from '@espalier/plugin-huffman';
import { rangeCoderKind } from '@espalier/plugin-range-coder';
import { type OnnxRuntime, registerEspalier } from '@espalier/runtime/onnxruntime';
import * as ort from 'onnxruntime-common';
import { tfliteOnDemand } from './tflite-on-demand.js';

/** Above onnxruntime-node (100) and onnxruntime-web (at most 10): it computes what names no provider. */
const PRIORITY = 1000;

for (const copy of [ort, requiredCopy()]) {
  if (copy === null) continue;
  registerEspalier(copy, {
    formats: [
      onnxFormat,
      espalierFormat(() => [...coreEncodings, huffmanKind, rangeCoderKind]),
      tfliteOnDemand,
    ],
    priority: PRIORITY,
  });
}

/**
 * The copy of onnxruntime-common that CommonJS modules get: Node loads a package once for `import` and once for
 * `require`, and onnxruntime-node, which hands on its InferenceSession, requires. Null in a page.
 */
function requiredCopy(): OnnxRuntime | null {
  const { process } = globalThis as { process?: { getBuiltinModule?(name: string): unknown } };
  const modules = process?.getBuiltinModule?.('node:module') as
    | { createRequire(from: string): (name: string) => unknown }
    | undefined; // what Node gives for this name
  if (modules === undefined) return null;
  const copy = modules.createRequire(import.meta.url)('onnxruntime-common') as OnnxRuntime;
  return copy.registerBackend === ort.registerBackend ? null : copy;
}
