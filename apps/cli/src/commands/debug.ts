import { basename } from 'node:path';
import { type Compressor, type Dataset, OptionsError, type Recipe, type Step, stepsOf } from '@espalier/core';
import { type Diagnosis, diagnose } from '@espalier/plugin-quantize';
import { type Command, Option } from 'commander';
import { openRunData } from '../compress-run.js';
import {
  type Bench,
  quantizePair,
  type Settings,
  type Surroundings,
  splitAtQuantize,
} from '../debug/quantized-run.js';
import { type Repair, repair, type Trial, worstLayers } from '../debug/repair.js';
import { type Evaluation, evaluate, executorOf } from '../evaluate.js';
import { readModelFile } from '../model-file.js';
import { namedRecipe } from '../named-recipe.js';
import { formatCount, formatDecibels, formatPercent } from '../output/format.js';
import { StagedFiles } from '../output/staged-files.js';
import { formatTable } from '../output/table.js';
import { loadPlugins } from '../plugins.js';
import { isRecipePath, readRecipe } from '../recipe-file.js';
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
  if (flags.out !== undefined) await files.check(flags.out);
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
      data: opened.data,
      holdout: opened.data.holdout as Dataset, // --data was asked for above
      samples: flags.samples,
      signal: session.io.signal,
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
    if (flags.out !== undefined) await files.stage(flags.out, encoded(result));
    await files.commit();
    print(session, { path, found, mended, result, quality, flags });
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
  const plugins = await loadPlugins([...(session.options.plugin ?? []), ...(fromFile?.plugins ?? [])]);
  const compressor = session.makeCompressor(plugins);
  return { compressor, recipe: fromFile ?? namedRecipe(compressor, name) };
}

async function look(session: Session, bench: Bench, settings: Settings): Promise<Diagnosis> {
  session.progress.step('calibrate and quantize');
  const { compressor, executor, model, data, holdout, samples, signal } = bench;
  const pair = await quantizePair(compressor, model, data, settings, signal);
  session.progress.step('look at each layer');
  return diagnose({
    ...pair,
    executor,
    data: holdout,
    samples,
    progress(done, total) {
      session.assertNotAborted();
      session.progress.update(done, total);
    },
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

/** What both settings make of all samples, beside the float model. */
interface Quality {
  readonly before: Evaluation;
  readonly after: Evaluation | null;
}

async function judge(
  session: Session,
  { compressor, executor, model, data, holdout, signal }: Bench,
  before: Settings,
  after: Settings,
): Promise<Quality> {
  const of = async (settings: Settings): Promise<Evaluation> => {
    const { quantized } = await quantizePair(compressor, model, data, settings, signal);
    session.progress.step('judge on all samples');
    return evaluate(session, executor, model, quantized, holdout);
  };
  return { before: await of(before), after: before === after ? null : await of(after) };
}

/** The recipe with other settings. */
function recipeOf(
  passes: Compressor['passes'],
  { before, behind }: Surroundings,
  { quantize, equalize }: Settings,
  about: string,
): Recipe {
  const steps: Step[] = [
    ...before,
    ...(equalize ? [{ pass: 'equalize', options: {} }] : []),
    { pass: 'quantize', options: quantize },
    ...behind,
  ];
  return { name: 'debugged', about, steps: steps.map((step) => shortStep(passes, step)) };
}

/** What is left at its default is not written. */
function shortStep(passes: Compressor['passes'], { pass, options }: Step): Recipe['steps'][number] {
  const defaults = passes.find(({ id }) => id === pass)?.options.defaults ?? {};
  const standard = new Map(Object.entries(defaults).map(([key, value]) => [key, JSON.stringify(value)]));
  const given = Object.entries(options ?? {}).filter(
    ([key, value]) => JSON.stringify(value) !== standard.get(key),
  );
  return given.length === 0 ? pass : { pass, options: Object.fromEntries(given) };
}

function encoded(recipe: Recipe): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify(recipe, null, 2)}\n`);
}

interface Outcome {
  readonly path: string;
  readonly found: Diagnosis;
  readonly mended: Repair | null;
  readonly result: Recipe;
  readonly quality: Quality;
  readonly flags: DebugFlags;
}

function print(session: Session, { path, found, mended, result, quality, flags }: Outcome): void {
  const json = {
    file: path,
    data: found.data,
    samples: found.samples,
    outputSqnrDb: found.outputSqnrDb,
    layers: found.layers,
    worst: worstLayers(found, flags.worst).map(({ name }) => name),
    trials: mended?.trials ?? [],
    mended:
      mended === null
        ? null
        : { outputSqnrDb: mended.diagnosis.outputSqnrDb, layers: mended.diagnosis.layers },
    quality,
    recipe: result,
    recipeFile: flags.out ?? null,
  };
  session.print(json, () =>
    [
      `${basename(path)} on ${formatCount(found.samples)} samples of ${found.data}: outputs SQNR ${formatDecibels(found.outputSqnrDb)}\n\n`,
      layerTable(found, session.width),
      `\n"alone" is the SQNR of the outputs where this layer alone is quantized.\n\n`,
      ...worstLayers(found, flags.worst).map(storyOf),
      ...(mended === null ? [] : mendedText(mended)),
      qualityText(quality),
      flags.out === undefined ? '' : `recipe: ${flags.out}\n`,
      mended !== null && flags.out === undefined ? `${JSON.stringify(result, null, 2)}\n` : '',
    ].join(''),
  );
}

/** Length of the bar of the least SQNR. */
const BAR = 16;

function layerTable({ layers }: Diagnosis, width: number): string {
  const right = 'right' as const;
  const harm = layers.map(({ aloneDb }) => 10 ** (-aloneDb / 10));
  const most = Math.max(...harm, Number.MIN_VALUE);
  return formatTable(
    [
      { title: 'layer', flexible: true },
      { title: 'operator' },
      { title: 'SQNR', align: right },
      { title: 'cosine', align: right },
      { title: 'clipped', align: right },
      { title: 'alone', align: right },
      { title: 'share of the harm' },
    ],
    layers.map(({ name, op, sqnrDb, cosine, clipped, aloneDb }, i) => [
      name,
      op,
      formatDecibels(sqnrDb),
      cosine.toFixed(5),
      formatPercent(clipped),
      formatDecibels(aloneDb),
      '#'.repeat(Math.round((BAR * (harm[i] ?? 0)) / most)),
    ]),
    width,
  );
}

function storyOf({ name, op, weight, aloneDb, findings }: Diagnosis['layers'][number]): string {
  const what = weight === null ? op : `${op}, weights "${weight}"`;
  const why =
    findings.length === 0
      ? 'nothing odd about its numbers'
      : findings.map(({ kind, about }) => `${kind}: ${about}`).join('; ');
  return `${name} (${what}), alone ${formatDecibels(aloneDb)}: ${why}\n`;
}

function mendedText({ trials, diagnosis }: Repair): readonly string[] {
  const line = ({ what, loss, kept }: Trial): string =>
    `${kept ? '+' : ' '} ${formatDecibels(loss.sqnrDb).padStart(8)}  ${what}\n`;
  return [
    '\ntried, with "+" kept:\n',
    ...trials.map(line),
    `outputs SQNR ${formatDecibels(diagnosis.outputSqnrDb)}\n`,
  ];
}

function qualityText({ before, after }: Quality): string {
  const line = (title: string, { top1, agreement, outputSqnrDb, samples }: Evaluation): string => {
    const parts = [
      ...(top1 === null
        ? []
        : [`top-1 ${formatCount(top1.before)} -> ${formatCount(top1.after)} of ${formatCount(samples)}`]),
      ...(agreement === null ? [] : [`same best class ${formatPercent(agreement)}`]),
      `SQNR ${formatDecibels(outputSqnrDb)}`,
    ];
    return `${title}: ${parts.join(', ')}\n`;
  };
  return `\non all samples, float -> quantized\n${line('  as it was', before)}${after === null ? '' : line('  mended', after)}`;
}
