import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Recipe } from '@espalier/core';
import { reportTools } from '../command.js';
import { DigitDataset } from '../mnist/digit-dataset.js';
import { loadMnist } from '../mnist/mnist.js';
import { readRecipe } from '../read-recipe.js';
import { formatCount, type Reproduction } from '../table.js';
import { readBaseline } from './baselines.js';
import { type Chain, type ChainRun, runChain, type Stage } from './chain.js';
import { answersOf, compareAnswers } from './evaluate.js';
import { lenet300 } from './models.js';

/**
 * The whole chain on LeNet-300-100 and real MNIST in about a minute of training: prune and retrain, share and train the
 * shared values, Huffman; and int8 from the same pruned network. Writes the files and a report page to `out`.
 */
export async function reproduceHeadline(out: string): Promise<Reproduction> {
  const { model, bytes } = await readBaseline(lenet300);
  const recipe = await readRecipe('headline');
  const mnist = await loadMnist();
  const run: ChainRun = { network: lenet300, mnist, seed: 1, log: (line) => console.error(`  ${line}`) };
  console.error(`LeNet-300-100 on MNIST, ${formatCount(bytes.length)} bytes of ONNX`);
  const chain = await runChain(model, recipe.steps, run);
  const pruned = chain.stages.find(({ step }) => step === 'prune');
  const last = chain.stages.at(-1);
  if (pruned === undefined || last === undefined) throw new Error('The recipe prunes nothing.');
  console.error('int8 from the pruned network');
  const int8 = await runChain(
    pruned.model,
    [{ pass: 'quantize', options: { mode: 'static' } }, 'huffman'],
    run,
  );
  const integers = int8.stages.at(-1) ?? last;
  await writeFile(join(out, 'lenet-300-100.espalier'), last.bytes);
  await writeFile(join(out, 'lenet-300-100-int8.espalier'), integers.bytes);
  const report = join(out, 'lenet-300-100.html');
  const test = new DigitDataset(mnist.test, lenet300.input);
  await writeFile(report, await reportOf(chain, recipe, bytes.length, test));
  const rows = [
    ...chain.stages.map((stage) => rowOf(stage.step, stage, bytes.length)),
    rowOf('int8 instead of shared values, Huffman', integers, bytes.length),
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

/** The page that the command writes with `--report`, with the test error behind each pass. */
async function reportOf(
  { stages, report }: Chain,
  recipe: Recipe,
  onnxBytes: number,
  test: DigitDataset,
): Promise<string> {
  const { reportPage, reportLayers, reportHistograms } = await reportTools();
  const [first, last] = [stages[0] as Stage, stages.at(-1) as Stage]; // a chain has at least the original
  const [before, after] = [await answersOf(first.model, test), await answersOf(last.model, test)];
  return reportPage({
    title: 'lenet-300-100.onnx',
    before: { name: 'lenet-300-100.onnx', format: 'onnx', sizeBytes: onnxBytes },
    after: { name: 'lenet-300-100.espalier', format: 'espalier', sizeBytes: last.fileBytes },
    passes: report.passes.map(({ pass, statistics, ...rest }, i) => ({
      ...rest,
      name: pass,
      statistics: { ...statistics, 'test error in %': stages[i + 1]?.errorPercent ?? Number.NaN },
    })),
    sizeBytesBefore: report.sizeBytesBefore,
    sizeFormat: report.sizeFormat,
    layers: reportLayers(first.model, last.model, []),
    histograms: reportHistograms(first.model, last.model),
    measuredOn: null,
    quality: {
      data: test.name,
      samples: test.count,
      ...compareAnswers(before, after),
      top1: { before: before.right, after: after.right },
    },
    warnings: report.warnings,
    recipe,
    command: 'npm start',
    seed: report.seed,
    versions: {},
  });
}
