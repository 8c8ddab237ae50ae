import { EspalierError, type OperatorKernel, PluginError, Tensor } from '@espalier/core';
import type { Workspace } from '../memory/workspace.js';
import { operatorOf } from '../operators/lookup.js';
import type { OperatorEntry } from '../operators/operator.js';
import { randomOperators } from '../plan/fold-constants.js';
import { type Compute, type Job, type Planned, type Planner, type Refusal, refuse } from '../plan/job.js';
import { typeOf } from './operands.js';

/** Any operator by its plain TypeScript implementation, over reals. */
export function planPlain(job: Job): Planned | Refusal {
  const entry = operatorOf(job.node);
  return entry === undefined ? refuse('it is not implemented') : planEntry(entry, job);
}

/** An operator by the kernel that a plugin brought. What it throws says whose it is. */
export function planByKernel(kernel: OperatorKernel): Planner {
  const run: OperatorEntry['run'] = (inputs, { attributes, outputs, name }) => {
    const where = `node "${name}"`;
    let results: readonly Tensor[];
    try {
      results = kernel.run(inputs, attributes);
    } catch (cause) {
      if (cause instanceof EspalierError) throw cause;
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new PluginError({
        what: `The kernel for ${kernel.domain}.${kernel.op} failed: ${why}`,
        where,
        cause,
      });
    }
    if (results.length >= outputs.length) return results;
    throw new PluginError({
      what: `The kernel for ${kernel.domain}.${kernel.op} gave ${results.length} of ${outputs.length} outputs.`,
      where,
    });
  };
  return (job) => planEntry({ run, types: kernel.types }, job);
}

function planEntry(entry: OperatorEntry, { node, workspace }: Job): Planned | Refusal {
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
