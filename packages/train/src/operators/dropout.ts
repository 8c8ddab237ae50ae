import { type Graph, type Node, toNumbers } from '@espalier/core';
import type { Activation } from '@espalier/runtime/tape';
import type { StepRecorder } from '../step/step-recorder.js';
import type { Differentiable } from './differentiable.js';
import { reshape } from './reshape.js';

/** Dropout: drops in training, whatever `training_mode` says, and is nothing when a network is evaluated. */
export const dropout: Differentiable = {
  refusal: (node) =>
    node.inputs[1] != null && node.inputs[1].constant === null ? 'its ratio is not constant' : null,
  record(call) {
    const { step } = call;
    const ratio = ratioOf(call.node);
    if (!step.purpose.training || ratio === 0) return reshape.record(call);
    const dropped = recordDropout(step, call.input(0), ratio);
    return {
      output: dropped.output,
      backward(gradient) {
        if (call.wants(0)) call.give(0, dropped.backward(gradient));
      },
    };
  },
};

/** The fraction that is dropped. */
export function ratioOf(node: Node): number {
  const constant = node.inputs[1]?.constant;
  return constant == null ? 0.5 : (toNumbers(constant.decode())[0] ?? 0.5);
}

/** Drops elements of x by their index; what is kept is divided by the fraction kept. */
export function recordDropout(
  step: StepRecorder,
  x: Activation,
  ratio: number,
): { readonly output: Activation; backward(gradient: Activation): Activation } {
  // Row-major: which elements are dropped must not depend on the layout that is at hand.
  const layout = 'row-major';
  const limit = Math.round(ratio * 2 ** 32);
  const scale = Math.fround(1 / (1 - ratio));
  const site = step.nextDropout();
  const drop = (from: Activation): Activation => {
    const to = step.reals(x.dims, layout);
    const key = step.purpose.dropoutKey;
    step.call('dropoutF32', [x.size, 0, from.reals(layout), to.reals(layout), key, site, limit, scale]);
    return to;
  };
  return { output: drop(x), backward: drop };
}

/** Takes the Dropout nodes out of a graph, which are for training only; one whose mask is read stays. */
export function removeDropouts(graph: Graph): void {
  for (const node of graph.nodesOf('Dropout')) {
    const [input, output] = [node.inputs[0], node.outputs[0]];
    if (input == null || output == null || graph.isOutput(output) || node.outputs[1] != null) continue;
    graph.replaceAllUses(output, input);
    graph.remove(node);
  }
}
