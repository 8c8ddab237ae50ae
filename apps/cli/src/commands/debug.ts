import { basename } from 'node:path';
import {
  type Compressor,
  type Dataset,
  type Model,
  OptionsError,
  type Recipe,
  stepsOf,
} from '@espalier/core';
import { type Diagnosis, diagnose } from '@espalier/plugin-quantize';
import { type Command, Option } from 'commander';
import { openRunData } from '../compress-run.js';
import { encoded, recipeOf } from '../debug/debugged-recipe.js';
import { type Outcome, outcomeJson, type Quality } from '../debug/outcome.js';
import { outcomeText } from '../debug/print-outcome.js';
import { type Bench, Quantizer, type Settings, splitAtQuantize } from '../debug/quantized-run.js';
import { type Repair, repair } from '../debug/repair.js';
import { type Evaluation, evaluateAll, executorOf } from '../evaluate.js';
import { readModelFile } from '../model-file.js';
import { namedRecipe } from '../named-recipe.js';
import { formatDecibels } from '../output/format.js';
import { StagedFiles } from '../output/staged-files.js';
import { loadPlugins, requestsOf } from '../plugins.js';
import { isRecipePath, readRecipe } from '../recipe-file.js';
import { debugPage } from '../report/debug-page.js';
import type { Session } from '../session.js';
import type { Run } from './command.js';
import { addDataOptions, collect, type DataFlags, datasetRequest, wholeNumber } from './data-options.js';

interface DebugFlags extends DataFlags {
  readonly recipe: string;
  readonly calibration?: readonly string[];
  readonly samples: number;
  readonly worst: number;
  readonly fix?: boolean;
  readonly goal: number;
  readonly out?: string;
  readonly report?: string;
  readonly force?: boolean;
}

/** `espalier debug FILE --data DATA [--fix -o RECIPE]` */
export function addDebug(program: Command, run: Run): void {
  const command = program
    .command('debug')
    .summary('find the layers that quantization harms, and mend them')
    .description(
      'Runs a model in float and quantized side by side, and says for each layer how far it is off, how much it alone costs the outputs, and what is odd about its numbers. --fix tries what may help, and writes a recipe that repeats it.',
    )
    .argument('<file>', 'model file, of any format, in float')
    .option('-r, --recipe <name>', 'recipe that quantizes, by name or as a .json file', 'int8')
    .addOption(
      new Option('--calibration <path>', 'data that ranges are measured on; without it, --data').argParser(
        collect,
      ),
    );
  addDataOptions(command, 'samples that both run on: .npy, .npz, IDX or a folder of images')
    .option('--samples <count>', 'samples that layers are compared on', wholeNumber, 64)
    .option('--worst <count>', 'layers that are told of, and mended by themselves', wholeNumber, 3)
    .option('--fix', 'try what may help, and keep what does')
    .option(
      '--goal <dB>',
      'SQNR of the outputs at which no more speed is given for accuracy',
      wholeNumber,
      20,
    )
    .option('-o, --out <path>', 'recipe file to write, with what was kept')
    .option('--report <path>', 'write an HTML page with pictures of what was found')
    .option('-f, --force', 'replace an existing output')
    .action(run<DebugFlags>((session, [file = ''], flags) => debug(session, file, flags)));
}

async function debug(session: Session, path: string, flags: DebugFlags): Promise<void> {
  if (flags.data === undefined) {
    throw new OptionsError({
      what: 'Layers are compared on real data, and there is none.',
      fix: 'Pass --data: some hundred typical inputs.',
    });
  }
  const files = new StagedFiles({ force: flags.force ?? false });
  await files.checkAll([flags.out, flags.report].filter((name) => name !== undefined));
  const { compressor, recipe } = await prepare(session, flags.recipe);
  const file = await readModelFile(compressor, path);
  const opened = await openRunData(session, file.model, {
    calibration: datasetRequest(flags, flags.calibration ?? flags.data, undefined, 'calibration'),
    holdout: datasetRequest(flags, flags.data, flags.labels),
  });
  try {
    const parts = splitAtQuantize(stepsOf(recipe, compressor.passes, opened.data));
    session.progress.step('simplify');
    const simple = await compressor.run(file.model, parts.before, { data: opened.data, driftSamples: 0 });
    const bench: Bench = {
      compressor,
      executor: executorOf(compressor),
      model: simple.model,
      quantizer: new Quantizer(compressor, simple.model, opened.data, session.io.signal),
      holdout: opened.data.holdout as Dataset, // --data was asked for above
      samples: flags.samples,
      signal: session.io.signal,
      progress(done, total) {
        session.assertNotAborted();
        session.progress.update(done, total);
      },
    };
    const found = await look(session, bench, parts.settings);
    const mended = flags.fix ? await mend(session, bench, parts.settings, found, flags) : null;
    const settings = mended?.settings ?? parts.settings;
    const result = recipeOf(
      compressor.passes,
      parts,
      settings,
      `${basename(path)} as "espalier debug" left it`,
    );
    const quality = await judge(session, bench, parts.settings, settings);
    const { out = null, report = null, worst } = flags;
    const outcome: Outcome = { path, found, mended, result, quality, worst, out, report };
    if (out !== null) await files.stage(out, encoded(result));
    if (report !== null) await files.stage(report, debugPage(outcome, session.command));
    await files.commit();
    session.print(outcomeJson(outcome), () => outcomeText(outcome, session.width));
  } finally {
    await opened.close();
    await files.discard();
  }
}

async function prepare(
  session: Session,
  name: string,
): Promise<{ readonly compressor: Compressor; readonly recipe: Recipe }> {
  const fromFile = isRecipePath(name) ? await readRecipe(name) : null;
  const plugins = await loadPlugins(requestsOf(session, fromFile, name));
  const compressor = session.makeCompressor(plugins);
  return { compressor, recipe: fromFile ?? namedRecipe(compressor, name) };
}

async function look(session: Session, bench: Bench, settings: Settings): Promise<Diagnosis> {
  session.progress.step('calibrate and quantize');
  const { executor, quantizer, holdout, samples, signal, progress } = bench;
  const pair = await quantizer.quantize(settings);
  session.progress.step('look at each layer');
  return diagnose({
    ...pair,
    executor,
    data: holdout,
    samples,
    signal,
    progress,
  });
}

async function mend(
  session: Session,
  bench: Bench,
  settings: Settings,
  found: Diagnosis,
  { goal, worst }: DebugFlags,
): Promise<Repair> {
  session.progress.step('try what may help');
  return repair(bench, settings, found, { goalDb: goal, worst }, ({ what, loss, kept }) => {
    session.assertNotAborted();
    session.progress.note(`${what}: ${formatDecibels(loss.sqnrDb)}${kept ? ', kept' : ''}`);
  });
}

async function judge(
  session: Session,
  { executor, model, quantizer, holdout }: Bench,
  before: Settings,
  after: Settings,
): Promise<Quality> {
  const all = [before, ...(before === after ? [] : [after])];
  const quantized: Model[] = [];
  for (const settings of all) quantized.push((await quantizer.quantize(settings)).quantized);
  session.progress.step('judge on all samples');
  const [first, second = null] = await evaluateAll(session, executor, model, quantized, holdout);
  return { before: first as Evaluation, after: second }; // one for each
}
