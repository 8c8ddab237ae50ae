import { Activation } from '../memory/activation.js';
import { type Compute, type Job, type Planned, type Refusal, refuse } from '../plan/job.js';
import { isFloat32Value, needed } from './operands.js';

/**
 * HardSigmoid, max(0, min(1, alpha x + beta)), and HardSwish, x times that with alpha 1/6 and beta 1/2, in
 * float32 and the layout at hand. Three passes of SIMD kernels: with a function call
 * for each element, fusing the operator made PP-OCR's angle classifier slower than its spelled-out form.
 */
export function planHardActivation(job: Job): Planned | Refusal {
  const { node, workspace, clamp } = job;
  if (!isFloat32Value(node.inputs[0])) return refuse('it is not float32');
  const isSwish = node.op === 'HardSwish';
  const alpha = isSwish ? 1 / 6 : node.attributes.float('alpha', 0.2);
  const beta = isSwish ? 0.5 : node.attributes.float('beta', 0.5);
  const factor = workspace.heap.place(Float32Array.of(alpha));
  const summand = workspace.heap.place(Float32Array.of(beta));
  const low = isSwish ? 0 : Math.max(0, clamp.low);
  const high = isSwish ? 1 : Math.min(1, clamp.high);
  const compute: Compute = (inputs, recorder) => {
    const from = needed(inputs, 0, job);
    const { layout, size } = from;
    const to = Activation.reals(recorder, from.dims, layout);
    const x = from.reals(layout);
    const y = to.reals(layout);
    recorder.call('mulF32', [1, size, x, factor, 0, 0, y, -Infinity, Infinity]);
    recorder.call('addF32', [1, size, y, summand, 0, 0, y, low, high]);
    if (isSwish) recorder.call('mulF32', [1, size, y, x, size, 1, y, clamp.low, clamp.high]);
    return [to];
  };
  return { compute };
}
