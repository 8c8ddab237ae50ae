import { Activation } from '../memory/activation.js';
import { type Compute, type Job, type Planned, type Refusal, refuse } from '../plan/job.js';
import { isFloat32Value, needed } from './operands.js';

/** Max and Min of float32 and one constant: a clamp, in the layout at hand. */
export function planExtreme(job: Job): Planned | Refusal {
  const { node, clamp } = job;
  if (node.inputs.length !== 2) return refuse('it has no two operands');
  const index = job.constant(node.inputs[0]) === null ? 0 : 1;
  const bound = job.constant(node.inputs[1 - index]);
  const value = Number(bound?.data[0] ?? Number.NaN);
  const rank = node.inputs[index]?.type?.dims?.length ?? 0;
  if (!isFloat32Value(node.inputs[index])) return refuse('it is not float32');
  if (bound?.size !== 1 || bound.dims.length > rank || Number.isNaN(value))
    return refuse('no operand is one constant');
  const [ownLow, ownHigh] = node.op === 'Max' ? [value, Infinity] : [-Infinity, value];
  // The clamp behind it comes last: what the first bound gives lies between the bounds of the second.
  const within = (limit: number): number => Math.min(Math.max(limit, clamp.low), clamp.high);
  const [low, high] = [within(ownLow), within(ownHigh)];
  const compute: Compute = (inputs, recorder) => {
    const from = needed(inputs, index, job);
    const { layout } = from;
    const to = Activation.reals(recorder, from.dims, layout);
    recorder.call('clampF32', [from.size, from.reals(layout), to.reals(layout), low, high]);
    return [to];
  };
  return { compute, packed: [1 - index] };
}
