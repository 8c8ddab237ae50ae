import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { huffman } from '@espalier/plugin-huffman';
import { quantize } from '@espalier/plugin-quantize';
import { reportTools } from '../command.js';
import { DigitDataset } from '../mnist/digit-dataset.js';
import { loadMnist } from '../mnist/mnist.js';
import { formatCount, type Reproduction } from '../table.js';
import { readBaseline } from './baselines.js';
import { pass, runChain, type Stage } from './chain.js';
import { answersOf, compareAnswers } from './evaluate.js';
import { lenet300 } from './models.js';
import { headlineRecipe } from './recipes.js';

const SEED = 1;

/**
 * The whole chain on LeNet-300-100 and real MNIST in about a minute of training: prune and retrain, share, train the
 * shared values, Huffman; and int8 from the same pruned network. Writes the files and a report page to `out`.
 */
export async function reproduceHeadline(out: string): Promise<Reproduction> {
  const { model, bytes } = await readBaseline(lenet300);
  const mnist = await loadMnist();
  const run = {
    network: lenet300,
    mnist,
    seed: SEED,
    threads: 2,
    log: (line: string) => console.error(`  ${line}`),
  };
  console.error(`LeNet-300-100 on MNIST, ${formatCount(bytes.length)} bytes of ONNX`);
  const stages = await runChain(model, headlineRecipe.steps, run, tell);
  const [original, pruned] = stages;
  const last = stages.at(-1);
  if (original === undefined || pruned === undefined || last === undefined)
    throw new Error('The chain is empty.');
  console.error('int8 from the pruned network');
  const int8 = await runChain(pruned.model, [pass(quantize({ mode: 'static' })), pass(huffman())], run);
  const small = join(out, 'lenet-300-100.espalier');
  await writeFile(small, last.bytes);
  await writeFile(join(out, 'lenet-300-100-int8.espalier'), int8.at(-1)?.bytes ?? new Uint8Array());
  const report = join(out, 'lenet-300-100.html');
  await writeFile(report, await reportOf(stages, bytes.length, new DigitDataset(mnist.test, lenet300.input)));
  const rows = [
    ...stages.map((stage) => rowOf(stage.step, stage, bytes.length)),
    rowOf('int8 instead of shared values, Huffman', int8.at(-1) ?? last, bytes.length),
  ];
  return {
    title: 'LeNet-300-100 on MNIST',
    notes: [
      `Errors are of the 10,000 test images, which no step sees; bytes are those of whole files, against ${formatCount(bytes.length)} of ONNX. Deep Compression (2016) has 1.64 % before, 1.58 % and 40x after. Report: ${report}`,
    ],
    head: ['after', 'test error', 'file bytes', 'smaller', 'seconds'],
    cells: rows.map(({ step, errorPercent, fileBytes, ratio, seconds }) => [
      step,
      `${errorPercent.toFixed(2)} %`,
      formatCount(fileBytes),
      `${ratio.toFixed(1)}x`,
      seconds.toFixed(0),
    ]),
    data: rows,
  };
}

function tell({ step, errorPercent, fileBytes, elapsedMs }: Stage): void {
  console.error(
    `${step}: ${errorPercent.toFixed(2)} % wrong, ${formatCount(fileBytes)} bytes, ${(elapsedMs / 1000).toFixed(0)} s`,
  );
}

/** One line of the table. */
interface Row {
  readonly step: string;
  readonly errorPercent: number;
  readonly fileBytes: number;
  readonly ratio: number;
  readonly seconds: number;
}

function rowOf(step: string, { errorPercent, fileBytes, elapsedMs }: Stage, onnxBytes: number): Row {
  return { step, errorPercent, fileBytes, ratio: onnxBytes / fileBytes, seconds: elapsedMs / 1000 };
}

/** The page of the command, for a chain of which each step trained more than a pass does. */
async function reportOf(stages: readonly Stage[], onnxBytes: number, test: DigitDataset): Promise<string> {
  const { reportPage, reportLayers, reportHistograms } = await reportTools();
  const [first, last] = [stages[0] as Stage, stages.at(-1) as Stage]; // a chain has at least the original
  const [before, after] = [await answersOf(first.model, test), await answersOf(last.model, test)];
  return reportPage({
    title: 'lenet-300-100.onnx',
    before: { name: 'lenet-300-100.onnx', format: 'onnx', sizeBytes: onnxBytes },
    after: { name: 'lenet-300-100.espalier', format: 'espalier', sizeBytes: last.fileBytes },
    passes: stages.slice(1).map((stage) => ({
      name: stage.step,
      effect: stage.step === 'huffman' ? 'exact' : 'lossy',
      modified: true,
      elapsedMs: stage.elapsedMs,
      sizeBytes: stage.fileBytes,
      statistics: { 'test error in %': stage.errorPercent },
    })),
    sizeBytesBefore: first.fileBytes,
    sizeFormat: 'espalier',
    layers: reportLayers(first.model, last.model, []),
    histograms: reportHistograms(first.model, last.model),
    measuredOn: null,
    quality: {
      data: test.name,
      samples: test.count,
      ...compareAnswers(before, after),
      top1: { before: before.right, after: after.right },
    },
    warnings: [],
    recipe: { network: headlineRecipe.network, about: headlineRecipe.about },
    command: 'npm start',
    seed: SEED,
    versions: {},
  });
}
