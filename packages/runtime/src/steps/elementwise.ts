import { Tensor } from '@espalier/core';
import { Activation } from '../memory/activation.js';
import { codeOf, type Grid, writeReals } from '../memory/grid.js';
import { operatorOf } from '../operators/lookup.js';
import type { OperatorCall } from '../operators/operator.js';
import { clampOf } from '../plan/clamp.js';
import { type Compute, type Job, type Planned, type Refusal, refuse } from '../plan/job.js';
import { gridOfValue, isFloat32Value, needed } from './operands.js';

/** Operators that map each element by itself, their other inputs being constants. */
export const elementwiseOperators: readonly string[] = [
  'Abs',
  'Ceil',
  'Celu',
  'Clip',
  'Elu',
  'Erf',
  'Exp',
  'Floor',
  'Gelu',
  'HardSigmoid',
  'HardSwish',
  'Identity',
  'LeakyRelu',
  'Log',
  'Mish',
  'Neg',
  'Reciprocal',
  'Relu',
  'Round',
  'Selu',
  'Sigmoid',
  'Sign',
  'Softplus',
  'Softsign',
  'Sqrt',
  'Swish',
  'Tanh',
  'ThresholdedRelu',
];

type Map = (values: Float32Array) => Float32Array;

/** The operator as a function of arrays; null where an input beside the first is not constant. */
function mapOf({ node, constant }: Job): Map | null {
  const entry = operatorOf(node);
  const others = node.inputs.slice(1).map((value) => (value === null ? null : constant(value)));
  if (entry === undefined || node.inputs.slice(1).some((value, i) => value !== null && others[i] === null))
    return null;
  const call: OperatorCall = { attributes: node.attributes, outputs: [true], name: node.name };
  return (values) => entry.run([new Tensor('float32', values), ...others], call)[0]?.data as Float32Array;
}

/** Any function of one element over codes: a table of 256, made by the plain operator. */
export function planElementwiseInt8(job: Job): Planned | Refusal {
  const x = gridOfValue(job.node.inputs[0]);
  const y = gridOfValue(job.outputs[0]);
  if (x === null || y === null) return refuse('it is not quantized');
  const map = mapOf(job);
  if (map === null) return refuse('its bounds are not constant');
  const { workspace, clamp } = job;
  const table = workspace.heap.place(
    tableOf((reals) => map(reals).map((value) => Math.min(Math.max(value, clamp.low), clamp.high)), x, y),
  );
  const compute: Compute = (inputs, recorder) => {
    const from = needed(inputs, 0, job);
    const { layout } = from;
    const to = Activation.codes(recorder, from.dims, layout, y);
    recorder.call('lutI8', [from.size, from.codes(layout), table, to.codes(layout)]);
    return [to];
  };
  return { compute, packed: [1, 2] };
}

/** The code that the result has for each code, from -128 on. */
function tableOf(map: Map, x: Grid, y: Grid): Int8Array {
  const codes = Int8Array.from({ length: 256 }, (_, i) => i - 128);
  const reals = new Float32Array(256);
  writeReals(codes, reals, x);
  return Int8Array.from(map(reals), (real) => codeOf(real, y));
}

/** Relu and Clip in float32, in the layout at hand. */
export function planClampFloat32(job: Job): Planned | Refusal {
  const own = clampOf(job.node);
  if (own === null) return refuse('its bounds are not constant');
  if (!isFloat32Value(job.node.inputs[0])) return refuse('it is not float32');
  const low = Math.max(own.low, job.clamp.low);
  const high = Math.min(own.high, job.clamp.high);
  const compute: Compute = (inputs, recorder) => {
    const from = needed(inputs, 0, job);
    const { layout } = from;
    const to = Activation.reals(recorder, from.dims, layout);
    recorder.call('clampF32', [from.size, from.reals(layout), to.reals(layout), low, high]);
    return [to];
  };
  return { compute, packed: [1, 2] };
}

/** Any function of one element by its plain operator, in the layout at hand: nothing is transposed for it. */
export function planElementwisePlain(job: Job): Planned | Refusal {
  const map = mapOf(job);
  if (map === null) return refuse('an input beside the first is not constant');
  if (job.node.inputs[0]?.type?.dtype !== 'float32') return refuse('it is not float32');
  const compute: Compute = (inputs, recorder) => {
    const from = needed(inputs, 0, job);
    const { layout } = from;
    const to = Activation.reals(recorder, from.dims, layout);
    from.reals(layout);
    recorder.host(() => to.realView(layout).set(map(from.realView(layout))));
    return [to];
  };
  return { compute };
}
