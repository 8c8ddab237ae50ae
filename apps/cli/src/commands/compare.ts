import { type Dataset, finiteDataset, type Model, OptionsError } from '@espalier/core';
import type { Command } from 'commander';
import { openDataset } from '../data/open-dataset.js';
import { type Evaluation, evaluate, executorOf, type Latency, latencies } from '../evaluate.js';
import { type LayerLoss, measureLayers } from '../layer-loss.js';
import { inputShapes, type ModelFile, readModelFile, sizeOf } from '../model-file.js';
import { formatCount, formatDecibels, formatPercent, formatRatio, formatTime } from '../output/format.js';
import { formatTable } from '../output/table.js';
import { compressorFor } from '../plugins.js';
import { withRealEnds } from '../real-ends.js';
import type { Session } from '../session.js';
import type { Run } from './command.js';
import { addDataOptions, type DataFlags, datasetRequest, wholeNumber } from './data-options.js';

interface CompareFlags extends DataFlags {
  readonly layerSamples: number;
  readonly latency: boolean;
}

/** `espalier compare A B --data DATA` */
export function addCompare(program: Command, run: Run): void {
  const command = program
    .command('compare')
    .summary('compare two models on data: accuracy, agreement, loss per layer, bytes, latency')
    .description(
      'Compares two models on the same data: top-1 accuracy, agreement, SQNR per layer, bytes and latency.',
    )
    .argument('<a>', 'the original')
    .argument('<b>', 'the model to judge');
  addDataOptions(command, '.npy, .npz, IDX or a folder of PNG and JPEG; [input=]path, once for each input')
    .option('--layer-samples <count>', 'samples that the loss per layer is measured on', wholeNumber, 32)
    .option('--no-latency', 'do not time the models')
    .action(run<CompareFlags>((session, [a = '', b = ''], flags) => compare(session, a, b, flags)));
}

async function compare(session: Session, pathA: string, pathB: string, flags: CompareFlags): Promise<void> {
  if (flags.data === undefined) {
    throw new OptionsError({
      what: 'Models are compared on real data, and there is none.',
      fix: 'Pass --data, and --labels for accuracy: random inputs would say nothing of either.',
    });
  }
  const compressor = await compressorFor(session);
  const executor = executorOf(compressor);
  const a = await readModelFile(compressor, pathA);
  const b = withInputsOf(a, await readModelFile(compressor, pathB));
  const data = await openDataset(inputShapes(a.model), datasetRequest(flags, flags.data, flags.labels));
  try {
    for (const note of data.notes) session.progress.note(note);
    session.progress.step('run both models');
    const evaluation = await evaluate(session, executor, a.model, b.model, finiteDataset(data));
    session.progress.step('measure each layer');
    const layers = await measureLayers(session, executor, a.model, b.model, data, flags.layerSamples);
    session.assertNotAborted();
    session.progress.step('time both models');
    const times = flags.latency ? await timeBoth(session, executor, a, b, data) : null;
    report(session, a, b, evaluation, layers, times);
  } finally {
    await data.close();
  }
}

/** B as it is where it takes what A takes; with reals in place of codes where that makes it so. */
function withInputsOf(a: ModelFile, b: ModelFile): ModelFile {
  const [inA, inB] = [a, b].map(({ model }) => model.graph.inputs.map(({ name }) => name).sort());
  if (inA?.join('\n') === inB?.join('\n')) return b;
  const model = withRealEnds(b.model, a.model);
  if (model !== null && hasInputsOf(a.model, model)) return { ...b, model };
  throw new OptionsError({
    what: `The models take different inputs: "${inA?.join('", "')}" and "${inB?.join('", "')}".`,
    where: `${a.path}, ${b.path}`,
    fix: 'Compare a model with one that was made from it.',
  });
}

function hasInputsOf(a: Model, b: Model): boolean {
  return a.graph.inputs.every(({ type }, index) => {
    const other = b.graph.inputs[index]?.type;
    const fits = type?.dims?.every((dim, axis) => typeof dim === 'string' || dim === other?.dims?.[axis]);
    return type?.dtype === other?.dtype && type?.dims?.length === other?.dims?.length && fits !== false;
  });
}

async function timeBoth(
  session: Session,
  executor: ReturnType<typeof executorOf>,
  a: ModelFile,
  b: ModelFile,
  data: Dataset,
): Promise<readonly Latency[]> {
  const executions = [await executor.prepare(a.model), await executor.prepare(b.model)];
  try {
    for await (const { feeds } of data.batches(1, 1)) return await latencies(session, executions, feeds);
    return [];
  } finally {
    for (const execution of executions) execution.dispose();
  }
}

function report(
  session: Session,
  a: ModelFile,
  b: ModelFile,
  evaluation: Evaluation,
  layers: readonly LayerLoss[],
  times: readonly Latency[] | null,
): void {
  const { top1, agreement, outputSqnrDb, samples } = evaluation;
  const side = (file: ModelFile, right: number | undefined, latency: Latency | undefined): object => ({
    file: file.path,
    format: file.format,
    sizeBytes: sizeOf(file),
    top1: right === undefined ? null : { right, of: samples },
    latency: latency ?? null,
  });
  const json = {
    a: side(a, top1?.before, times?.[0]),
    b: side(b, top1?.after, times?.[1]),
    data: evaluation.data,
    samples,
    compressionRatio: sizeOf(a) / sizeOf(b),
    agreement,
    outputSqnrDb,
    layers,
  };
  session.print(json, () => {
    const score = (right: number): string =>
      `${formatCount(right)} of ${formatCount(samples)} (${formatPercent(right / samples)})`;
    const rows = [
      ['bytes', formatCount(sizeOf(a)), formatCount(sizeOf(b)), formatRatio(sizeOf(a) / sizeOf(b))],
      ...(top1 === null
        ? []
        : [['top-1', score(top1.before), score(top1.after), signed(top1.after - top1.before)]]),
      ...(times === null ? [] : [latencyRow(times)]),
    ];
    const right = 'right' as const;
    return [
      formatTable(
        [
          { title: '' },
          { title: a.name, align: right },
          { title: b.name, align: right },
          { title: 'change', align: right },
        ],
        rows,
        session.width,
      ),
      `\nOn ${formatCount(samples)} samples of ${evaluation.data}: outputs SQNR ${formatDecibels(outputSqnrDb)}`,
      agreement === null ? '' : `, same best class ${formatPercent(agreement)}`,
      '\n\n',
      layerTable(layers, session.width),
      layers.some(({ by }) => by === 'place') ? LAYERS_BY_PLACE : '',
    ].join('');
  });
}

/** Said where names could not pair the layers. */
const LAYERS_BY_PLACE =
  'Layers without a name in both files are paired by their order; the value after each that is nearest counts.\n';

function layerTable(layers: readonly LayerLoss[], width: number): string {
  return formatTable(
    [
      { title: 'layer', flexible: true },
      { title: 'operator' },
      { title: 'SQNR', align: 'right' },
      { title: 'cosine', align: 'right' },
    ],
    layers.map(({ name, op, sqnrDb, cosine }) => [name, op, formatDecibels(sqnrDb), cosine.toFixed(5)]),
    width,
  );
}

function latencyRow([a, b]: readonly Latency[]): string[] {
  if (a === undefined || b === undefined) return ['latency', '-', '-', '-'];
  return [
    'latency, median',
    formatTime(a.medianMs),
    formatTime(b.medianMs),
    `${formatRatio(a.medianMs / b.medianMs)} as fast`,
  ];
}

function signed(difference: number): string {
  return difference > 0 ? `+${difference}` : String(difference);
}
