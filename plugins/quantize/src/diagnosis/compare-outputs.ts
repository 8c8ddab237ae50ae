import { type Executor, type Feeds, isFloat, type Model, Similarity, toFloat32 } from '@espalier/core';
import { pause } from './pause.js';

/** What a model makes of batches. */
export async function outputsOf(
  { executor, signal }: { readonly executor: Executor; readonly signal?: AbortSignal | undefined },
  model: Model,
  batches: readonly Feeds[],
): Promise<readonly Feeds[]> {
  const execution = await executor.prepare(model);
  try {
    const outputs: Feeds[] = [];
    for (const feeds of batches) {
      await pause(signal);
      outputs.push(await execution.run(feeds));
    }
    return outputs;
  } finally {
    execution.dispose();
  }
}

/** Of all float outputs together. */
export function similarityOf(expected: readonly Feeds[], actual: readonly Feeds[]): Similarity {
  const similarity = new Similarity();
  for (const [i, outputs] of expected.entries()) addOutputs(similarity, outputs, actual[i] ?? {});
  return similarity;
}

/** Adds the float outputs of one batch. */
export function addOutputs(similarity: Similarity | undefined, expected: Feeds, actual: Feeds): void {
  for (const [name, tensor] of Object.entries(expected)) {
    const other = actual[name];
    if (other !== undefined && isFloat(tensor.type) && other.size === tensor.size)
      similarity?.add(toFloat32(tensor), toFloat32(other));
  }
}
