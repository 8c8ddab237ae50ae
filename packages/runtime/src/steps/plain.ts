import { Tensor } from '@espalier/core';
import type { Workspace } from '../memory/workspace.js';
import { operatorOf } from '../operators/lookup.js';
import { randomOperators } from '../plan/fold-constants.js';
import { type Compute, type Job, type Planned, type Refusal, refuse } from '../plan/job.js';
import { typeOf } from './operands.js';

/** Any operator by its plain TypeScript implementation, over reals. */
export function planPlain(job: Job): Planned | Refusal {
  const { node, workspace } = job;
  const entry = operatorOf(node);
  if (entry === undefined) return refuse('it is not implemented');
  const type = typeOf(node.inputs.find((input) => input !== null));
  if (type !== null && !entry.types.includes(type)) return refuse(`it is not implemented for ${type}`);
  const call = {
    attributes: node.attributes,
    outputs: node.outputs.map((output) => output !== null),
    name: node.name,
  };
  const isRandom = randomOperators.has(node.op);
  const compute: Compute = (inputs, recorder) => {
    for (const input of inputs) input?.makeTensor();
    const make = () =>
      entry
        .run(
          inputs.map((input) => input?.tensor() ?? null),
          call,
        )
        .map((tensor) => tensor && kept(workspace, tensor));
    return recorder.tensors(isRandom ? 'varying' : inputs, make);
  };
  return { compute };
}

/** A copy where the tensor is a view of kernel memory, whose contents change under it. */
function kept(workspace: Workspace, tensor: Tensor): Tensor {
  return workspace.owns(tensor.data) ? new Tensor(tensor.type, tensor.data.slice(), tensor.dims) : tensor;
}
