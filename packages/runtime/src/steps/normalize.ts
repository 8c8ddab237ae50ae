import { Activation } from '../memory/activation.js';
import { type Compute, type Job, type Planned, type Refusal, refuse } from '../plan/job.js';
import { pairCalls } from './broadcast.js';
import { isFloat32Value, needed } from './operands.js';

/** BatchNormalization with constant parameters: a multiplication and an addition a channel. */
export function planBatchNormalization(job: Job): Planned | Refusal {
  const { node, workspace } = job;
  const parameters = node.inputs.slice(1, 5).map((value) => job.constant(value));
  const [scale, shift, mean, variance] = parameters.map((tensor) =>
    tensor?.type === 'float32' ? (tensor.data as Float32Array) : null,
  );
  if (!scale || !shift || !mean || !variance) return refuse('its parameters are not constant');
  if (!isFloat32Value(node.inputs[0])) return refuse('it is not float32');
  if (node.attributes.int('training_mode', 0) === 1) return refuse('training_mode is not implemented');
  const epsilon = node.attributes.float('epsilon', 1e-5);
  const factor = scale.map((s, c) => s / Math.sqrt((variance[c] ?? 0) + epsilon));
  const offset = Float32Array.from(shift, (b, c) => b - (mean[c] ?? 0) * (factor[c] ?? 0));
  const [factors, offsets] = [workspace.heap.place(factor), workspace.heap.place(offset)];
  const { low, high } = job.clamp;
  const compute: Compute = (inputs, recorder) => {
    const x = needed(inputs, 0, job);
    const y = Activation.reals(recorder, x.dims, x.layout);
    const [from, to] = [x.reals(x.layout), y.reals(x.layout)];
    const channelDims = x.dims.map((dim, axis) => (axis === 1 ? dim : 1));
    const calls = [...pairCalls(x.dims, channelDims, x.layout)];
    recorder.sequence(calls.length, (index) => {
      const call = calls[index];
      if (call === undefined) return [];
      const [a, b] = [4 * call.aOffset, 4 * call.bOffset];
      const places = [from.plus(a), factors + b, offsets + b];
      const strides = [call.bRowStride, call.bColumnStride];
      const args = [call.rows, call.columns, ...places, ...strides, to.plus(a), low, high];
      return [{ kernel: 'scaleShiftF32', args }];
    });
    return [y];
  };
  return { compute, packed: [1, 2, 3, 4] };
}
