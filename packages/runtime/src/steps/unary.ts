import type { Node } from '@espalier/core';
import { type UnaryFunctionName, unaryFunctions } from '@espalier/kernels';
import { Activation } from '../memory/activation.js';
import { type Compute, type Job, type Planned, type Refusal, refuse } from '../plan/job.js';
import { isFloat32Value, needed } from './operands.js';

/** A function of the kernel, with its parameters. */
interface UnaryCall {
  readonly name: UnaryFunctionName;
  readonly a?: number;
  readonly b?: number;
}

type Read = (node: Node) => UnaryCall | null;

const plainly =
  (name: UnaryFunctionName): Read =>
  () => ({ name });

/** How each operator is called. Defaults are those of ONNX. */
const calls: Readonly<Record<string, Read>> = {
  Abs: plainly('abs'),
  Ceil: plainly('ceil'),
  Celu: ({ attributes }) => {
    const alpha = attributes.float('alpha', 1);
    return { name: 'celu', a: 1 / alpha, b: alpha };
  },
  Elu: ({ attributes }) => ({ name: 'elu', a: attributes.float('alpha', 1), b: 1 }),
  Erf: plainly('erf'),
  Exp: plainly('exp'),
  Floor: plainly('floor'),
  Gelu: ({ attributes }) => {
    const approximate = attributes.string('approximate', 'none');
    if (approximate === 'none') return { name: 'gelu' };
    return approximate === 'tanh' ? { name: 'geluTanh' } : null;
  },
  HardSigmoid: ({ attributes }) => ({
    name: 'hardSigmoid',
    a: attributes.float('alpha', 0.2),
    b: attributes.float('beta', 0.5),
  }),
  HardSwish: () => ({ name: 'hardSwish', a: 1 / 6, b: 0.5 }),
  LeakyRelu: ({ attributes }) => ({ name: 'leakyRelu', a: attributes.float('alpha', 0.01) }),
  Log: plainly('log'),
  Mish: plainly('mish'),
  Neg: plainly('neg'),
  Reciprocal: plainly('reciprocal'),
  Round: plainly('round'),
  Selu: ({ attributes }) => ({
    name: 'elu',
    a: attributes.float('alpha', 1.6732632),
    b: attributes.float('gamma', 1.050701),
  }),
  Sigmoid: plainly('sigmoid'),
  Sign: plainly('sign'),
  Softplus: plainly('softplus'),
  Softsign: plainly('softsign'),
  Sqrt: plainly('sqrt'),
  Swish: ({ attributes }) => ({ name: 'swish', a: attributes.float('alpha', 1) }),
  Tanh: plainly('tanh'),
  ThresholdedRelu: ({ attributes }) => ({ name: 'thresholdedRelu', a: attributes.float('alpha', 1) }),
};

/** The operators that `planUnary` knows. */
export const unaryOperators: readonly string[] = Object.keys(calls);

/** A function of one float32, in the layout at hand. */
export function planUnary(job: Job): Planned | Refusal {
  const call = calls[job.node.op]?.(job.node) ?? null;
  if (call === null) return refuse('it has no kernel');
  return unary(job, call);
}

/** Pow by the constants that are spelled so: squares and roots of layer norms, reciprocals. */
export function planPow(job: Job): Planned | Refusal {
  const exponent = job.constant(job.node.inputs[1]);
  if (exponent === null || exponent.size !== 1 || exponent.dims.length > 1)
    return refuse('its exponent is not one constant');
  const names: Readonly<Record<number, UnaryFunctionName>> = { 2: 'square', [-1]: 'reciprocal' };
  const name = names[Number(exponent.data[0])];
  return name === undefined ? refuse('it has no kernel for this exponent') : unary(job, { name }, [1]);
}

function unary(
  job: Job,
  { name, a = 0, b = 0 }: UnaryCall,
  packed: readonly number[] = [],
): Planned | Refusal {
  if (!isFloat32Value(job.node.inputs[0])) return refuse('it is not float32');
  const compute: Compute = (inputs, recorder) => {
    const from = needed(inputs, 0, job);
    const { layout } = from;
    const to = Activation.reals(recorder, from.dims, layout);
    recorder.call('unaryF32', [unaryFunctions[name], from.size, from.reals(layout), to.reals(layout), a, b]);
    return [to];
  };
  return { compute, packed };
}
