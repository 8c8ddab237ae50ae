// Lets ../shared/conformance/run.mjs run the built packages:
//   node ../shared/conformance/run.mjs --adapter packages/runtime/test/conformance-adapter.mjs onnx
import { onnxFormat } from '@espalier/onnx';
import { InferenceSession } from '@espalier/runtime';

export async function load(modelBytes) {
  const session = await InferenceSession.create(modelBytes, { formats: [onnxFormat] });
  return {
    run: (inputs) => session.run(inputs),
    dispose: () => session.release(),
  };
}
