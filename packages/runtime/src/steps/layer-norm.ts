import { elementCount, type Tensor } from '@espalier/core';
import { Activation } from '../memory/activation.js';
import { type Compute, type Job, type Planned, type Refusal, refuse } from '../plan/job.js';
import { isFloat32Value, needed } from './operands.js';

/** LayerNormalization and RMSNormalization in float32 with constant scale and bias of the normalized shape. */
export function planLayerNorm(job: Job): Planned | Refusal {
  const { node, workspace } = job;
  const scale = job.constant(node.inputs[1]);
  const bias = job.constant(node.inputs[2]);
  const dims = node.inputs[0]?.type?.dims ?? null;
  if (!isFloat32Value(node.inputs[0])) return refuse('it is not float32');
  if (node.outputs.slice(1).some((output) => output !== null)) return refuse('its statistics are wanted');
  if (scale === null || (node.inputs[2] != null && bias === null)) return refuse('its scale is not constant');
  const given = node.attributes.int('axis', -1);
  const axis = dims === null ? given : given < 0 ? given + dims.length : given;
  // What is not known yet, or is repeated, is left to the plain operator.
  const normalized = dims?.slice(axis) ?? null;
  const fits = (tensor: Tensor | null) =>
    tensor === null || (tensor.type === 'float32' && tensor.dims.join() === normalized?.join());
  if (!fits(scale) || !fits(bias)) return refuse('its scale is not of the normalized shape');
  const place = (tensor: Tensor | null) =>
    tensor === null ? 0 : workspace.heap.place(tensor.data as Float32Array);
  const [scaleAt, biasAt] = [place(scale), place(bias)];
  const epsilon = node.attributes.float('epsilon', 1e-5);
  const centered = node.op === 'RMSNormalization' ? 0 : 1;
  const columns = scale.size;
  const compute: Compute = (inputs, recorder) => {
    const x = needed(inputs, 0, job);
    const y = Activation.reals(recorder, x.dims, 'row-major');
    const [from, to] = [x.reals('row-major'), y.reals('row-major')];
    const rows = columns === 0 ? 0 : x.size / columns;
    recorder.call('layerNormF32', [rows, columns, from, to, scaleAt, biasAt, epsilon, centered]);
    return [y];
  };
  return { compute, packed: [1, 2] };
}

/** InstanceNormalization and GroupNormalization in float32 with constant parameters, one a channel. */
export function planGroupNorm(job: Job): Planned | Refusal {
  const { node, workspace } = job;
  const [scale, bias] = [job.constant(node.inputs[1]), job.constant(node.inputs[2])];
  const dims = node.inputs[0]?.type?.dims ?? [];
  const channels = dims[1];
  if (!isFloat32Value(node.inputs[0]) || scale?.type !== 'float32' || bias?.type !== 'float32')
    return refuse('its parameters are not constant float32');
  if (typeof channels !== 'number' || scale.size !== channels || bias.size !== channels)
    return refuse('its parameters are not one a channel');
  const groups = node.op === 'InstanceNormalization' ? channels : node.attributes.int('num_groups', 0);
  if (groups < 1 || channels % groups !== 0) return refuse(`${groups} groups do not divide its channels`);
  const scaleAt = workspace.heap.place(scale.data as Float32Array);
  const biasAt = workspace.heap.place(bias.data as Float32Array);
  const epsilon = node.attributes.float('epsilon', 1e-5);
  const compute: Compute = (inputs, recorder) => {
    const x = needed(inputs, 0, job);
    const y = Activation.reals(recorder, x.dims, 'row-major');
    const [from, to] = [x.reals('row-major'), y.reals('row-major')];
    const batch = x.dims[0] ?? 0;
    const pixels = elementCount(x.dims.slice(2));
    const columns = (channels / groups) * pixels;
    recorder.call('layerNormF32', [batch * groups, columns, from, to, 0, 0, epsilon, 1]);
    recorder.sequence(batch, (image) => {
      const at = to.plus(image * channels * pixels * 4);
      const args = [channels, pixels, at, scaleAt, biasAt, 1, 0, at, -Infinity, Infinity];
      return [{ kernel: 'scaleShiftF32', args }];
    });
    return [y];
  };
  return { compute, packed: [1, 2] };
}
