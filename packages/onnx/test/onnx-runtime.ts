import * as ort from 'onnxruntime-node';
import type { CaseTensor } from './conformance-cases.js';

/** Runs a model in ONNX Runtime, the judge of what the writer makes. */
export async function runInOnnxRuntime(
  bytes: Uint8Array,
  feeds: Readonly<Record<string, CaseTensor>>,
  options: ort.InferenceSession.SessionOptions = {},
): Promise<Record<string, CaseTensor>> {
  const session = await ort.InferenceSession.create(bytes, { logSeverityLevel: 4, ...options });
  try {
    const inputs = Object.entries(feeds).map(([name, { type, data, dims }]) => [
      name,
      // The runner's types and arrays are those of ort.Tensor; its overloads want a literal type.
      new ort.Tensor(type as 'float32', data as Float32Array, dims),
    ]);
    const outputs = await session.run(Object.fromEntries(inputs) as Record<string, ort.Tensor>);
    return Object.fromEntries(
      Object.entries(outputs).map(([name, { type, dims, data }]) => [
        name,
        { type, dims: [...dims], data: data as Float32Array },
      ]),
    );
  } finally {
    await session.release();
  }
}
