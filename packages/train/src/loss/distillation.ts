import { type Feeds, type Model, toFloat32 } from '@espalier/core';
import { InferenceSession } from '@espalier/runtime';
import { requireInRange } from '../require-in-range.js';
import { type Loss, outputOf, type TargetSource } from './loss.js';
import { logitsOf } from './softmax-cross-entropy.js';

export interface DistillationOptions {
  /** The model to learn from, with inputs of the same names and shapes: usually the one before it was compressed. */
  readonly teacher: Model;
  /** Softens both sides; > 0. Default 1. Higher ones tell more about the classes that are wrong. */
  readonly temperature?: number;
  /** Name of the output, of both models. May be left out where there is one. */
  readonly output?: string;
}

/**
 * Cross-entropy of softmax(logits / T) with that of another model on the same samples, times T^2. No labels are needed.
 *
 * @throws {OptionsError} when the temperature is not above 0
 * @see Hinton, Vinyals and Dean 2015 (arXiv:1503.02531), section 2
 */
export function distillation({ teacher, temperature = 1, output }: DistillationOptions): Loss {
  requireInRange('temperature', temperature, { above: 0 });
  return {
    name: 'distillation',
    needs: 'teacher',
    compared: (graph) => logitsOf(graph, outputOf(graph, output)),
    open: () => openTeacher(teacher, temperature, output),
    record(step, { count, width, output: logits, targets, gradient, losses }) {
      const size = count * width;
      const softened = step.scratch(size * 4);
      const inverse = step.number(1 / temperature);
      step.call('mulF32', [1, size, logits, inverse, 0, 0, softened, -Infinity, Infinity]);
      // The mean's 1 / count, 1 / T of the logits' gradient, and T^2.
      const scale = Math.fround(temperature / count);
      step.call('crossEntropyF32', [count, width, softened, targets, gradient, losses, scale]);
      const square = step.number(temperature * temperature);
      step.call('mulF32', [1, count, losses, square, 0, 0, losses, -Infinity, Infinity]);
    },
  };
}

async function openTeacher(
  teacher: Model,
  temperature: number,
  output: string | undefined,
): Promise<TargetSource> {
  const model = teacher.clone();
  model.graph.setOutputs([logitsOf(model.graph, outputOf(model.graph, output))]);
  const session = await InferenceSession.create(model);
  return {
    async targetsOf(feeds: Feeds, to: () => Float32Array): Promise<void> {
      const [logits] = Object.values(await session.run(feeds));
      if (logits === undefined) return;
      writeSoftmax(toFloat32(logits), logits.data.length / (logits.dims[0] ?? 1), temperature, to());
    },
    release: () => void session.release(),
  };
}

/** Softmax of each row, by a series of our own: `Math.exp` may differ from engine to engine. */
function writeSoftmax(logits: Float32Array, width: number, temperature: number, to: Float32Array): void {
  for (let row = 0; row < logits.length; row += width) {
    let most = -Infinity;
    for (let i = row; i < row + width; i++) most = Math.max(most, logits[i] as number); // i < length
    let sum = 0;
    for (let i = row; i < row + width; i++) {
      const e = expOfNegative(((logits[i] as number) - most) / temperature); // i < length
      to[i] = e;
      sum += e;
    }
    for (let i = row; i < row + width; i++) to[i] = (to[i] as number) / sum; // i < length
  }
}

/** e^x for x <= 0, with a relative error below 1e-13: (e^(x / 2^k))^(2^k) with |x / 2^k| below 1/2. */
export function expOfNegative(x: number): number {
  if (!(x > -100)) return Number.isNaN(x) ? x : 0;
  let halvings = 0;
  let r = x;
  for (; r < -0.5; r /= 2) halvings++;
  let term = 1;
  let sum = 1;
  for (let n = 1; n < 16; n++) {
    term *= r / n;
    sum += term;
  }
  for (; halvings > 0; halvings--) sum *= sum;
  return sum;
}
