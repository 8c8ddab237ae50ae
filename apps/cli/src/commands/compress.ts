import { basename } from 'node:path';
import { type Compressor, OptionsError, type Recipe, type RunReport } from '@espalier/core';
import { type Command, Option } from 'commander';
import {
  type CompressResult,
  judge,
  layersOfRun,
  type OpenedData,
  openRunData,
  reportData,
  runRecipe,
} from '../compress-run.js';
import { isKnownDataset } from '../data/open-dataset.js';
import type { Evaluation } from '../evaluate.js';
import { type ModelFile, readModelFile, sizeOf, writableFormat } from '../model-file.js';
import { namedRecipe } from '../named-recipe.js';
import {
  formatBytes,
  formatCell,
  formatCount,
  formatDecibels,
  formatDims,
  formatPercent,
  formatSizeChange,
  formatTime,
} from '../output/format.js';
import { StagedFiles } from '../output/staged-files.js';
import { formatTable } from '../output/table.js';
import { loadPlugins, requestsOf } from '../plugins.js';
import { isRecipePath, readRecipe, recipeFileHere } from '../recipe-file.js';
import { reportPage } from '../report/page.js';
import type { ReportFile, ReportLayer } from '../report/report-data.js';
import type { Session } from '../session.js';
import { versions } from '../versions.js';
import type { Run } from './command.js';
import { addDataOptions, collect, type DataFlags, datasetRequest } from './data-options.js';

interface CompressFlags extends DataFlags {
  readonly out: string;
  readonly recipe?: string;
  readonly calibration?: readonly string[];
  readonly train?: readonly string[];
  readonly trainLabels?: string;
  readonly report?: string;
  readonly force?: boolean;
  readonly seed?: string;
}

/** `espalier compress FILE -o OUT` */
export function addCompress(program: Command, run: Run): void {
  const command = program
    .command('compress')
    .summary('make a model smaller by a recipe')
    .description(
      'Runs the passes of a recipe over a model and writes the result; says what each pass and layer cost and saved.',
    )
    .argument('<file>', 'model file, of any format')
    .requiredOption('-o, --out <path>', 'file to write; its extension says the format')
    .option('-r, --recipe <name>', 'recipe by name ("espalier recipes" lists them), or a .json file')
    .addOption(
      new Option('--calibration <path>', 'unlabelled data that activation ranges are measured on').argParser(
        collect,
      ),
    )
    .addOption(
      new Option(
        '--train <path>',
        'data that steps with "retrain" or "finetune" learn from; without labels they learn the answers of the model',
      ).argParser(collect),
    )
    .option('--train-labels <path>', 'class numbers of --train');
  addDataOptions(
    command,
    'held-out data the result is judged on: .npy, .npz, IDX, a folder of images, or mnist, which also trains',
  )
    .option('--report <path>', 'write an HTML page with pictures of what was done')
    .option('-f, --force', 'replace existing outputs')
    .option('--seed <seed>', 'the same seed gives the same bytes')
    .action(run<CompressFlags>((session, [file = ''], flags) => compress(session, file, flags)));
}

async function compress(session: Session, path: string, flags: CompressFlags): Promise<void> {
  const { compressor, recipe } = await prepare(session, flags);
  const format = writableFormat(compressor, flags.out);
  const files = new StagedFiles({ force: flags.force ?? false });
  await files.checkAll(flags.report === undefined ? [flags.out] : [flags.out, flags.report]);
  const file = await readModelFile(compressor, path);
  const opened = await openData(session, file, recipe, flags);
  try {
    const run = await runRecipe(session, compressor, {
      file,
      recipe,
      data: opened.data,
      seed: seedOf(flags),
    });
    const bytes = format.write(run.model, path);
    await files.stage(flags.out, bytes);
    const sizeBytes = await files.sizeBytes(flags.out);
    const quality = await judge(session, compressor, file.model, bytes, opened.data.holdout);
    const layers = layersOfRun(run);
    const after = { name: basename(flags.out), format: format.name, sizeBytes };
    if (flags.report !== undefined) {
      const page = reportData(session, file, after, run, layers, quality, versions());
      await files.stage(flags.report, reportPage(page));
    }
    session.assertNotAborted();
    await files.commit();
    print(session, { file, recipe, run, layers: layers.layers, quality, after, flags });
  } finally {
    await opened.close();
    await files.discard();
  }
}

/** The recipe and the compressor that has its plugins. */
async function prepare(
  session: Session,
  flags: CompressFlags,
): Promise<{ readonly compressor: Compressor; readonly recipe: Recipe }> {
  const name =
    flags.recipe ?? recipeFileHere() ?? (flags.calibration === undefined ? 'deep-compression' : 'int8');
  const fromFile = isRecipePath(name) ? await readRecipe(name) : null;
  const plugins = await loadPlugins(requestsOf(session, fromFile, name));
  const compressor = session.makeCompressor(plugins);
  const recipe = fromFile ?? namedRecipe(compressor, name);
  return { compressor, recipe: { name: recipe.name ?? basename(name, '.json'), ...recipe } };
}

function seedOf({ seed }: CompressFlags): number | string | undefined {
  return seed !== undefined && /^\d{1,15}$/.test(seed) ? Number(seed) : seed;
}

/** Flags come before what the recipe names. */
async function openData(
  session: Session,
  file: ModelFile,
  recipe: Recipe,
  flags: CompressFlags,
): Promise<OpenedData> {
  const listed = (path: string | undefined): readonly string[] | undefined =>
    path === undefined ? undefined : [path];
  const holdout = flags.data ?? listed(recipe.data?.holdout);
  // A known data set has its own part for each role.
  const known = holdout?.every(isKnownDataset) ? holdout : undefined;
  const calibration = flags.calibration ?? listed(recipe.data?.calibration) ?? known;
  const train = flags.train ?? listed(recipe.data?.train) ?? known;
  if (flags.trainLabels !== undefined && flags.train === undefined) {
    throw new OptionsError({
      what: 'There are labels of training data, but no data they belong to.',
      fix: 'Pass --train with the samples.',
    });
  }
  if (flags.labels !== undefined && holdout === undefined) {
    throw new OptionsError({
      what: 'There are labels, but no data they belong to.',
      fix: 'Pass --data with the samples.',
    });
  }
  return openRunData(session, file.model, {
    ...(calibration && { calibration: datasetRequest(flags, calibration, undefined, 'calibration') }),
    ...(holdout && { holdout: datasetRequest(flags, holdout, flags.labels) }),
    ...(train && { train: datasetRequest(flags, train, flags.trainLabels, 'train') }),
  });
}

interface Outcome {
  readonly file: ModelFile;
  readonly recipe: Recipe;
  readonly run: CompressResult;
  readonly layers: readonly ReportLayer[];
  readonly quality: Evaluation | null;
  readonly after: ReportFile;
  readonly flags: CompressFlags;
}

function print(session: Session, outcome: Outcome): void {
  const { file, recipe, run, layers, quality, after, flags } = outcome;
  const sizeBytes = sizeOf(file);
  const json = {
    before: { file: file.path, format: file.format, sizeBytes },
    after: { file: flags.out, format: after.format, sizeBytes: after.sizeBytes },
    compressionRatio: sizeBytes / after.sizeBytes,
    recipe: { name: recipe.name, steps: run.steps },
    seed: run.report.seed,
    sizeFormat: run.report.sizeFormat,
    sizeBytesBefore: run.report.sizeBytesBefore,
    passes: run.report.passes,
    layers,
    quality,
    warnings: run.report.warnings,
    report: flags.report ?? null,
  };
  session.print(json, () =>
    [
      `${file.name}: ${file.format}, ${formatCount(sizeBytes)} bytes; recipe ${recipe.name}, seed ${run.report.seed}\n\n`,
      passTable(run.report, session.width),
      '\n',
      ...passTables(run.report, session.width),
      layerTable(layers, session.width),
      '\n',
      qualityText(quality),
      `${flags.out}: ${after.format}, ${formatCount(after.sizeBytes)} bytes, ${formatSizeChange(sizeBytes, after.sizeBytes)}${sizeBytes === after.sizeBytes ? ' as' : ' than'} ${file.name}\n`,
      otherFormatText(run.report, after),
      flags.report === undefined ? '' : `report: ${flags.report}\n`,
    ].join(''),
  );
}

/** What the format of the output could not keep of what the passes saved. */
function otherFormatText(
  { sizeFormat, sizeBytesAfter }: RunReport,
  { format, sizeBytes }: ReportFile,
): string {
  if (sizeFormat === null || sizeFormat === format || sizeBytes < 1.1 * sizeBytesAfter) return '';
  return `As ${sizeFormat} it is ${formatCount(sizeBytesAfter)} bytes: ${format} has no form for sparse, shared and coded weights. Write to a .${sizeFormat} file to keep them.\n`;
}

function passTable(report: RunReport, width: number): string {
  let last = report.sizeBytesBefore;
  const rows = report.passes.map(({ pass, effect, modified, sizeBytes, elapsedMs, statistics, drift }) => {
    const before = last;
    last = sizeBytes;
    const counted = Object.entries(statistics).map(([name, count]) => `${name} ${formatCount(count)}`);
    return [
      pass,
      effect,
      `${formatCount(before)} -> ${formatCount(sizeBytes)}`,
      formatTime(elapsedMs),
      formatDecibels(drift?.outputSqnrDb),
      modified ? counted.join(', ') : 'nothing to do',
    ];
  });
  return formatTable(
    [
      { title: 'pass' },
      { title: 'effect' },
      {
        title: report.sizeFormat === null ? 'bytes of weights' : `bytes as ${report.sizeFormat}`,
        align: 'right',
      },
      { title: 'time', align: 'right' },
      { title: 'SQNR', align: 'right' },
      { title: 'what it did', flexible: true },
    ],
    rows,
    width,
  );
}

/** What passes chose or found, each table with a title. */
function passTables({ passes }: RunReport, width: number): readonly string[] {
  return passes.flatMap(({ pass, tables }) =>
    tables.map(({ title, columns, rows }) => {
      const heads = columns.map((column, i) => ({
        title: column,
        align: rows.every((row) => typeof row[i] === 'number') ? ('right' as const) : ('left' as const),
        flexible: i === 0,
      }));
      const cells = rows.map((row) => row.map(formatCell));
      return `${pass}: ${title}\n\n${formatTable(heads, cells, width)}\n`;
    }),
  );
}

function layerTable(layers: readonly ReportLayer[], width: number): string {
  const right = 'right' as const;
  const rows = layers.map((layer) => [
    layer.name,
    layer.op,
    formatDims(layer.dims),
    `${(layer.density * 100).toFixed(1)} %`,
    formatBytes(layer.bytesBefore),
    formatBytes(layer.bytesAfter),
    formatDecibels(layer.weightSqnrDb),
    formatDecibels(layer.outputSqnrDb),
    layer.encoding,
  ]);
  return formatTable(
    [
      { title: 'weight', flexible: true },
      { title: 'operator' },
      { title: 'shape' },
      { title: 'kept', align: right },
      { title: 'before', align: right },
      { title: 'after', align: right },
      { title: 'SQNR', align: right },
      { title: 'output', align: right },
      { title: 'encoding', flexible: true },
    ],
    rows,
    width,
  );
}

function qualityText(quality: Evaluation | null): string {
  if (quality === null) return 'Accuracy was not measured: pass --data, and --labels for top-1.\n';
  const { samples, top1, agreement, outputSqnrDb, data } = quality;
  const share = (right: number): string => `${formatCount(right)} (${formatPercent(right / samples)})`;
  const parts = [
    ...(top1 === null ? [] : [`top-1 ${share(top1.before)} -> ${share(top1.after)}`]),
    ...(agreement === null ? [] : [`same best class ${formatPercent(agreement)}`]),
    `outputs SQNR ${formatDecibels(outputSqnrDb)}`,
  ];
  return `On ${formatCount(samples)} samples of ${data}: ${parts.join(', ')}\n`;
}
