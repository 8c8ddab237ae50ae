import type { Graph, Value } from '@espalier/core';
import { type Loss, outputOf } from './loss.js';

/** How classes are compared. */
export interface SoftmaxCrossEntropyOptions {
  /** Name of the output that holds the logits, or probabilities by a Softmax. May be left out where there is one. */
  readonly output?: string;
  /** Part of each target that is spread over all classes, 0 ... 1. Default 0. Szegedy et al. 2016 (arXiv:1512.00567), section 7. */
  readonly labelSmoothing?: number;
}

/**
 * Cross-entropy of the softmax of the logits with the class of each sample, for an output [batch, classes]. Where the
 * model ends in a Softmax its input is taken: computed together, large logits do no harm.
 */
export function softmaxCrossEntropy(options: SoftmaxCrossEntropyOptions = {}): Loss {
  const smoothing = options.labelSmoothing ?? 0;
  return {
    name: 'softmax cross-entropy',
    needs: 'labels',
    compared: (graph) => logitsOf(graph, outputOf(graph, options.output)),
    writeTarget(label, to) {
      to.fill(smoothing / to.length);
      to[label] = 1 - smoothing + smoothing / to.length;
    },
    record(step, { count, width, output, targets, gradient, losses }) {
      const scale = Math.fround(1 / count);
      step.call('crossEntropyF32', [count, width, output, targets, gradient, losses, scale]);
    },
  };
}

/** What goes into the Softmax that a value comes from; the value itself where there is none. */
export function logitsOf(graph: Graph, output: Value): Value {
  const producer = graph.producer(output);
  const logits = producer?.op === 'Softmax' && producer.domain === '' ? producer.inputs[0] : null;
  return logits ?? output;
}
