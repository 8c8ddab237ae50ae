import { Compressor, PASS_PLUGIN, type Plugin, resolveAll } from '@espalier/core';
import { fixtureModel, fixtureTexts } from '../../models/fixture-models.js';
import { seededData } from '../../models/seeded-data.js';
import { fingerprint } from '../fingerprint.js';

/** What is asked of a plugin here and in a page. */
export interface Questions {
  readonly id: string;
  /** Sets of options for its pass; null for the defaults. */
  readonly options: readonly (object | null)[];
}

/** Fingerprints of what the passes of a plugin make of the kit's models, or what they say against it. */
export async function answersOf(
  plugins: readonly Plugin[],
  { id, options }: Questions,
): Promise<Readonly<Record<string, string>>> {
  const compressor = new Compressor({ plugins });
  const answers: Record<string, string> = {};
  for (const pass of resolveAll(compressor.container, PASS_PLUGIN)) {
    if (pass.id !== id) continue;
    for (const set of options) {
      for (const [name, text] of Object.entries(fixtureTexts)) {
        const model = fixtureModel(text);
        const step = pass(set ?? undefined);
        const run = { seed: 1, driftSamples: 0, reportWeights: false, data: seededData(model) };
        const key = `model "${name}"${set === null ? '' : `, options ${JSON.stringify(set)}`}`;
        answers[key] = await compressor.run(model, [step], run).then(
          (result) => fingerprint(result.model),
          (error: Error) => `${error.name}: ${error.message}`,
        );
      }
    }
  }
  return answers;
}
