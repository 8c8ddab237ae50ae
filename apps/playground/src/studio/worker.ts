import { type Compressor, DataError, detectFormat, FormatError, readModel } from '@espalier/core';
import { createCompressor } from '@espalier/presets';
import { serve } from '../rpc/serve.js';
import type { Source, StudioMethods } from './api.js';
import { catalogueOf, checkRecipe } from './catalogue.js';
import { denseLayers } from './dense-layers.js';
import { loadDigits } from './digits.js';
import { raceTypes } from './race.js';
import { readSource } from './read-source.js';
import { type FinishedRun, runRecipe, type Subject } from './run-recipe.js';
import { viewModel } from './view-model.js';
import { lookInto } from './view-weight.js';

const compressor: Compressor = createCompressor();

/** The page names its workers by where its files are: a script does not know, once it is bundled. */
const base: string = self.name;

let open: (Subject & { readonly name: string; readonly format: string }) | null = null;
const runs = new Map<string, FinishedRun>();

function subject(): NonNullable<typeof open> {
  if (open !== null) return open;
  throw new DataError({ what: 'No model is open.', fix: 'Open one first.' });
}

async function openSource(source: Source): Promise<NonNullable<typeof open>> {
  const bytes = await readSource(source);
  const format = detectFormat(compressor.container, bytes, source.name).name;
  const model = await readModel(compressor.container, bytes, { name: source.name });
  // Only what could be read takes the place of what is open.
  open = { model, fileBytes: bytes.length, base, name: source.name, format };
  runs.clear();
  return open;
}

function stageOf(slot: string, stage: number | 'last'): FinishedRun['stages'][number] {
  const { model } = subject();
  if (stage === 0) return model;
  const stages = runs.get(slot)?.stages;
  const found = stage === 'last' ? stages?.at(-1) : stages?.[stage];
  if (found === undefined) throw new DataError({ what: 'That run is no longer kept.', fix: 'Run it again.' });
  return found;
}

serve<StudioMethods>(
  {
    async open(source) {
      const { model, name, format, fileBytes } = await openSource(source);
      return viewModel(model, { name, format, fileBytes });
    },
    passes: () => catalogueOf(compressor),
    check: ({ recipe, data }) => checkRecipe(compressor, recipe, data),
    async run(takes, turn) {
      const run = await runRecipe(compressor, subject(), takes, turn);
      runs.set(takes.slot, run);
      return run.gives;
    },
    stage({ slot, stage }) {
      const { name } = subject();
      const model = stageOf(slot, stage);
      const measured = compressor.formats.find(({ measure }) => measure !== undefined);
      const fileBytes = stage === 0 ? subject().fileBytes : (measured?.measure?.(model) ?? 0);
      return viewModel(model, { name, format: stage === 0 ? subject().format : 'espalier', fileBytes });
    },
    weight({ slot, stage, name }) {
      const weight = stageOf(slot, stage)
        .weights()
        .find((one) => one.name === name);
      if (weight === undefined) throw new DataError({ what: `There is no weight "${name}" any more.` });
      return lookInto(weight);
    },
    write({ slot, format: name }) {
      const format = compressor.formats.find((candidate) => candidate.name === name);
      if (format?.write === undefined) throw new FormatError({ what: `"${name}" can't be written.` });
      return new Uint8Array(format.write(stageOf(slot, 'last')));
    },
    denseLayers: ({ slot, stage }) => denseLayers(stageOf(slot, stage)),
    async samples() {
      const { pixels, labels } = await loadDigits('held-out', base);
      return { pixels: new Uint8Array(pixels), labels };
    },
    async runCode(takes, turn) {
      // Few readers write code: what it needs of core is fetched then.
      const { runCode } = await import('./run-code.js');
      return runCode(subject(), takes, turn);
    },
    race: () => raceTypes(compressor, subject()),
  },
  buffersOf,
);

/** Files and layers are handed over; the rest is small. */
function buffersOf(gives: unknown): Transferable[] {
  if (gives instanceof Uint8Array) return [gives.buffer as ArrayBuffer]; // made by us, never shared
  return [];
}
