import type { Recipe } from '@espalier/core';
import type { Diagnosis } from '@espalier/plugin-quantize';
import type { Evaluation } from '../evaluate.js';
import { type Repair, worstLayers } from './repair.js';

/** What both settings make of all samples, beside the float model. */
export interface Quality {
  readonly before: Evaluation;
  readonly after: Evaluation | null;
}

/** All that a run of `debug` found. */
export interface Outcome {
  readonly path: string;
  readonly found: Diagnosis;
  readonly mended: Repair | null;
  readonly result: Recipe;
  readonly quality: Quality;
  /** So many layers are told of. */
  readonly worst: number;
  /** Where the recipe was written. */
  readonly out: string | null;
  /** Where the page was written. */
  readonly report: string | null;
}

/** For `--json`. */
export function outcomeJson({ path, found, mended, result, quality, worst, out, report }: Outcome): object {
  return {
    file: path,
    data: found.data,
    samples: found.samples,
    outputSqnrDb: found.outputSqnrDb,
    layers: found.layers,
    worst: worstLayers(found, worst).map(({ name }) => name),
    trials: mended?.trials ?? [],
    mended:
      mended === null
        ? null
        : { outputSqnrDb: mended.diagnosis.outputSqnrDb, layers: mended.diagnosis.layers },
    quality,
    recipe: result,
    recipeFile: out,
    report,
  };
}

/** How much of the harm to the outputs each layer does, by itself: noise over signal, and that of the worst is 1. */
export function harmOf({ layers }: Diagnosis): readonly number[] {
  const noise = layers.map(({ aloneDb }) => 10 ** (-aloneDb / 10));
  const most = Math.max(...noise, Number.MIN_VALUE);
  return noise.map((one) => one / most);
}
