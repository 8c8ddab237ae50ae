import { readFileSync } from 'node:fs';
import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type Dataset,
  type Model,
  type RequantizationRule,
  readModel as readAny,
  Similarity,
} from '@espalier/core';
import { createCompressor } from '@espalier/presets';
import { readTflite } from '@espalier/tflite';
import { cifarFile, requireShared, shared } from '../cifar.js';
import { espalierJson } from '../command.js';
import { formatCount, type Reproduction, type Section } from '../table.js';
import { agreement, imagesFor, type Scores, scoresOf } from './cifar-scores.js';
import { writeViews } from './photographs.js';

const models = join(shared, 'models/mlperf-tiny');

/** Networks of MLPerf Tiny in float, and what TensorFlow Lite made of them. */
const networks = [
  { float: 'pretrainedResnet.tflite', theirs: 'pretrainedResnet_quant.tflite' },
  { float: 'pretrainedResnet_large_float.tflite', theirs: 'pretrainedResnet_large_int8.tflite' },
] as const;

/** The recipe that writes .tflite files. */
const RECIPE = 'int8-tflite';

type Options = Readonly<Record<string, unknown>>;

/** The settings among which the recipe's were chosen; its own come last. */
const candidates: readonly (readonly [name: string, options: Options])[] = [
  ['256 images, observer min-max', {}],
  ['1,000 images, observer min-max', { samples: 1000 }],
  ['1,000 images, observer percentile', { samples: 1000, observer: 'percentile' }],
  ['1,000 images, observer mse', { samples: 1000, observer: 'mse' }],
  ['256 images, observer mse, adaptive rounding, corrected biases', chosenOptions(256)],
  ['1,000 images, the same', chosenOptions(1000)],
];

function chosenOptions(samples: number): Options {
  return { samples, observer: 'mse', rounding: 'adaptive', correctBias: true };
}

interface Row {
  readonly network: string;
  readonly made: string;
  readonly fileBytes: number;
  readonly rule: RequantizationRule | 'float32';
  readonly right: number;
  readonly of: number;
  /** Images that get the class that the float network gives them. */
  readonly same: number;
}

/** Networks of MLPerf Tiny quantized here, beside what TensorFlow Lite made of the same networks. */
export async function reproduceQuantized(out: string): Promise<Reproduction> {
  requireShared(models);
  const rows: Row[] = [];
  for (const { float, theirs } of networks) rows.push(...(await judgeNetwork(out, float, theirs)));
  const chosen = await choose();
  const words = await judgeVisualWakeWords(out);
  return {
    title: 'Networks quantized here, beside TensorFlow Lite’s own',
    notes: [
      'MLPerf Tiny’s networks in float, quantized by `espalier compress FILE.tflite -o int8.tflite --recipe int8-tflite --calibration calib-images.npy --raw-bytes`, and what TensorFlow Lite’s converter made of the same networks.',
      'Top-1 on the 2,000 CIFAR-10 test images; "same" counts those that get the class that the float network gives. Rule `tflite` rounds once, as LiteRT does, `tflite-double` twice, as TensorFlow Lite Micro does; `onnx` is the same recipe under the rule of ONNX. Ranges, codes and biases come from the first 1,000 images of `calib-images.npy`. Bytes are those of whole files; that of rule `onnx` is a `.espalier` file. Such a file gives in LiteRT the scores that it gives here, but for a code now and then: `npx vitest run tflite` in `packages/presets`.',
    ],
    head: ['network', 'quantized', 'bytes', 'rule', 'right', 'top-1', 'same'],
    cells: rows.map((row) => [
      row.network,
      row.made,
      formatCount(row.fileBytes),
      row.rule,
      `${row.right} of ${row.of}`,
      percent(row.right / row.of),
      percent(row.same / row.of),
    ]),
    sections: [words.section, chosen.section],
    data: { rows, visualWakeWords: words.rows, candidates: chosen.rows },
  };
}

function percent(share: number): string {
  return `${(100 * share).toFixed(2)} %`;
}

function readModel(file: string): Model {
  return readTflite(new Uint8Array(readFileSync(file)), { name: file });
}

async function judgeNetwork(out: string, float: string, theirs: string): Promise<readonly Row[]> {
  const network = float.replace('.tflite', '');
  const floatFile = join(models, float);
  const original = readModel(floatFile);
  const reference = await scoresOf(original, 'onnx', imagesFor(original, 'test'));
  const rows: Row[] = [];
  const judge = async (made: string, file: string, model: Model, rule: RequantizationRule): Promise<void> => {
    const scores = await scoresOf(model, rule, imagesFor(model, 'test'));
    const { size } = await stat(file);
    const shown = model === original ? 'float32' : rule;
    const { right, of } = scores;
    rows.push({ network, made, fileBytes: size, rule: shown, right, of, same: agreement(reference, scores) });
    console.error(`${network} ${made} ${shown}: ${right} of ${of}`);
  };
  await judge('not', floatFile, original, 'onnx');
  const theirFile = join(models, theirs);
  const ourFile = join(out, `${network}-int8.tflite`);
  await compress(floatFile, ourFile, RECIPE);
  for (const rule of ['tflite', 'tflite-double'] as const) {
    await judge('by TensorFlow Lite', theirFile, readModel(theirFile), rule);
    await judge('here', ourFile, readModel(ourFile), rule);
  }
  const onnxFile = join(out, `${network}-int8.espalier`);
  await compress(floatFile, onnxFile, await recipeOfOnnx(out));
  const { container } = createCompressor();
  await judge('here', onnxFile, await readAny(container, new Uint8Array(readFileSync(onnxFile))), 'onnx');
  return rows;
}

async function compress(file: string, to: string, recipe: string): Promise<void> {
  const calibration = ['--calibration', cifarFile('calib-images.npy'), '--raw-bytes'];
  await espalierJson('compress', file, '-o', to, '--recipe', recipe, '--force', ...calibration);
}

/** The recipe under the rule of ONNX. */
async function recipeOfOnnx(out: string): Promise<string> {
  const file = join(out, 'int8-onnx.json');
  const [, options] = candidates.at(-1) ?? ['', {}];
  const steps = ['fuse', 'fold-batch-norm', { pass: 'quantize', options }];
  await writeFile(file, JSON.stringify({ name: 'int8-onnx', steps }));
  return file;
}

interface Candidate {
  readonly network: string;
  readonly settings: string;
  readonly same: number;
  readonly of: number;
  readonly sqnrDb: number;
}

/** How the recipe's settings were chosen: on calibration images that nothing was measured on. */
async function choose(): Promise<{ readonly section: Section; readonly rows: readonly Candidate[] }> {
  const compressor = createCompressor();
  const rows: Candidate[] = [];
  for (const { float } of networks) {
    const original = readModel(join(models, float));
    const { model } = await compressor.run(original, { steps: ['fuse', 'fold-batch-norm'] });
    const held = imagesFor(original, 'calib', [1000, 2000]);
    const calibration = imagesFor(original, 'calib', [0, 1000]);
    const reference = await scoresOf(model, 'onnx', held);
    for (const [settings, options] of candidates) {
      const { same, of, sqnrDb } = await loss(model, calibration, held, reference, options);
      rows.push({ network: float.replace('.tflite', ''), settings, same, of, sqnrDb });
      console.error(`${float} ${settings}: ${same} of ${of}, ${sqnrDb.toFixed(1)} dB`);
    }
  }
  const section: Section = {
    heading: 'How the recipe’s settings were chosen',
    head: ['network', 'settings', 'same, of 1,000 calibration images held out', 'SQNR of the scores'],
    cells: rows.map(({ network, settings, same, sqnrDb }) => [
      network,
      settings,
      String(same),
      `${sqnrDb.toFixed(1)} dB`,
    ]),
  };
  return { section, rows };
}

async function loss(
  model: Model,
  calibration: Dataset,
  held: Dataset,
  reference: Scores,
  options: Options,
): Promise<{ readonly same: number; readonly of: number; readonly sqnrDb: number }> {
  const steps = [{ pass: 'quantize', options: { requantization: 'tflite', ...options } }];
  const run = { data: { calibration }, driftSamples: 0, reportWeights: false };
  const quantized = (await createCompressor().run(model, { steps }, run)).model;
  const scores = await scoresOf(quantized, 'tflite', held);
  const similarity = new Similarity();
  similarity.add(reference.values, scores.values);
  return { same: agreement(reference, scores), of: scores.of, sqnrDb: similarity.sqnrDb };
}

interface Compared {
  readonly b: { readonly sizeBytes: number };
  readonly samples: number;
  readonly agreement: number;
  readonly outputSqnrDb: number;
}

/** Visual wake words: a MobileNet, whose depthwise layers have few weights a channel, over views of photographs. */
async function judgeVisualWakeWords(
  out: string,
): Promise<{ readonly section: Section; readonly rows: readonly object[] }> {
  const photographs = join(shared, 'data/imagenet-samples');
  const [calibration, held] = [join(out, 'vww-calibration.npy'), join(out, 'vww-held.npy')];
  // Every second photograph, so that no part of one is in both.
  const measured = await writeViews(photographs, calibration, (index) => index % 2 === 0);
  await writeViews(photographs, held, (index) => index % 2 === 1);
  const float = join(models, 'vww_96_float.tflite');
  const ours = join(out, 'vww_96-int8.tflite');
  await espalierJson(
    ...['compress', float, '-o', ours, '--recipe', RECIPE, '--calibration', calibration, '--force'],
  );
  const rows: (Compared & { readonly made: string })[] = [];
  for (const [made, file] of [
    ['by TensorFlow Lite', join(models, 'vww_96_int8.tflite')],
    ['here', ours],
  ] as const) {
    const said = await espalierJson('compare', float, file, '--data', held, '--no-latency');
    rows.push({ made, ...(said as Compared) });
  }
  const section: Section = {
    heading: `Visual wake words, MobileNetV1 0.25: answers on views of photographs, measured on ${measured} views of others`,
    head: ['quantized', 'bytes', 'same answer as in float', 'SQNR of the scores'],
    cells: rows.map(({ made, b, samples, agreement: share, outputSqnrDb }) => [
      made,
      formatCount(b.sizeBytes),
      `${Math.round(share * samples)} of ${samples}`,
      `${outputSqnrDb.toFixed(1)} dB`,
    ]),
  };
  return {
    section,
    rows: rows.map(({ made, b, samples, agreement: share, outputSqnrDb }) => ({
      made,
      fileBytes: b.sizeBytes,
      same: Math.round(share * samples),
      of: samples,
      outputSqnrDb,
    })),
  };
}
