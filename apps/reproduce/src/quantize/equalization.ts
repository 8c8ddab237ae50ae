import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Batch,
  bestClasses,
  type Dataset,
  EXECUTOR,
  type Executor,
  type Model,
  type RecipeStep,
  Similarity,
  Tensor,
  toFloat32,
} from '@espalier/core';
import { createCompressor } from '@espalier/presets';
import { readTflite } from '@espalier/tflite';
import { requireShared, shared } from '../cifar.js';
import type { Reproduction } from '../table.js';
import { asFloat } from '../tflite/as-float.js';
import { manyParts, viewsOf } from '../tflite/photographs.js';

type Options = Readonly<Record<string, unknown>>;

/** One row of a table: how layers are equalized, if at all, and how quantized. */
interface Setting {
  readonly name: string;
  readonly equalize?: Options;
  readonly quantize: Options;
}

const tensor: Options = { granularity: 'tensor' };
const corrected: Options = { ...tensor, correctBias: true };

/** A network with depthwise layers, and photographs for it. */
interface Network {
  readonly name: string;
  readonly file: string;
  readonly parts: typeof manyParts;
  /** Samples that its input has place for. */
  readonly batchSize: number;
  /** Samples that ranges and channels are measured on. */
  readonly samples: number;
  toInput(views: readonly Buffer[]): Tensor;
  readonly settings: readonly Setting[];
}

const words: Network = {
  name: 'visual wake words',
  file: 'models/mlperf-tiny/vww_96_float.tflite',
  parts: manyParts,
  batchSize: 16,
  samples: 256,
  toInput: (views) =>
    new Tensor(
      'float32',
      Float32Array.from(Buffer.concat(views)).map((byte) => byte / 255),
      [views.length, 96, 96, 3],
    ),
  settings: [
    { name: 'one scale a tensor', quantize: tensor },
    { name: 'corrected biases', quantize: corrected },
    { name: 'equalized weights', equalize: {}, quantize: tensor },
    { name: 'equalized weights, absorbed biases', equalize: { absorbBiases: true }, quantize: tensor },
    { name: 'all equalized', equalize: { ranges: 'all' }, quantize: tensor },
    {
      name: 'all equalized, absorbed biases',
      equalize: { ranges: 'all', absorbBiases: true },
      quantize: tensor,
    },
    { name: 'all equalized, corrected biases', equalize: { ranges: 'all' }, quantize: corrected },
    { name: 'a scale for each channel', quantize: {} },
  ],
};

const mean = [0.485, 0.456, 0.406];
const deviation = [0.229, 0.224, 0.225];

const mobileNet: Network = {
  name: 'MobileNetV2',
  file: 'models/tflite-micro/mobilenet_v2_quantized_1x3x224x224.tflite',
  parts: [[0, 0, 1]],
  batchSize: 1,
  samples: 24,
  toInput(views) {
    const plane = 224 * 224;
    const reals = new Float32Array(views.length * 3 * plane);
    for (const [i, view] of views.entries())
      for (const [at, byte] of view.entries()) {
        const channel = at % 3;
        const place = (3 * i + channel) * plane + Math.floor(at / 3);
        reals[place] = (byte / 255 - (mean[channel] ?? 0)) / (deviation[channel] ?? 1);
      }
    return new Tensor('float32', reals, [views.length, 3, 224, 224]);
  },
  settings: [
    { name: 'one scale a tensor', quantize: tensor },
    { name: '`within`, equalized weights', equalize: { relu6: 'within' }, quantize: tensor },
    { name: '`within`, all equalized', equalize: { relu6: 'within', ranges: 'all' }, quantize: tensor },
    {
      name: '`within`, all equalized, absorbed biases',
      equalize: { relu6: 'within', ranges: 'all', absorbBiases: true },
      quantize: tensor,
    },
    { name: '`replace`, equalized weights', equalize: { relu6: 'replace' }, quantize: tensor },
    { name: 'a scale for each channel', quantize: {} },
  ],
};

/** What a model says of all samples. */
interface Answers {
  readonly classes: readonly number[];
  readonly logits: readonly number[];
}

/** How near a model is to the float model. */
interface Nearness {
  readonly same: number;
  readonly of: number;
  /** Of the logits. */
  readonly sqnrDb: number;
}

interface Row {
  readonly network: string;
  readonly setting: string;
  readonly float: Nearness;
  readonly int8: Nearness;
}

const note =
  '"Same" counts views of photographs with the class that the float network gives; SQNR is that of the logits, beside those of the float network as it was.';

/** Visual wake words in int8 with one scale a tensor, with layers equalized before or not. */
export async function reproduceEqualization(): Promise<Reproduction> {
  return {
    title: 'A depthwise network in int8 with one scale a tensor, equalized and not',
    notes: [
      'MLPerf Tiny’s visual wake words, MobileNetV1 0.25: its layers have Relu between them, which the factors of `equalize` go through. Equalized weights are its default; "all" is `ranges: "all"`, which counts biases and activations too; absorbed biases are `absorbBiases`; corrected ones `correctBias` of `quantize`.',
      `${note} Ranges and channels are measured on 256 views of other photographs.`,
    ],
    ...(await tableOf(words)),
  };
}

/** MobileNetV2 in int8 with one scale a tensor, with layers equalized through their Relu6 or not. */
export async function reproduceEqualizationRelu6(): Promise<Reproduction> {
  return {
    title: 'MobileNetV2 in int8 with one scale a tensor, equalized through Relu6 and not',
    notes: [
      'MobileNetV2 of tflite-micro, in float: the numbers that its int8 weights, with a scale for each channel, stand for. All its layers with activations have Relu6, which ends pairs by default: `within` and `replace` are the settings of `relu6` that go past it, `all` is `ranges: "all"`, absorbed biases are `absorbBiases`.',
      `${note} Ranges and channels are measured on 24 views of other photographs.`,
    ],
    ...(await tableOf(mobileNet)),
  };
}

async function tableOf(network: Network): Promise<Pick<Reproduction, 'head' | 'cells' | 'data'>> {
  requireShared(join(shared, network.file));
  const rows = await judge(network);
  return {
    head: ['quantized to int8 with', 'in float: SQNR', 'in int8: same', 'in int8: SQNR'],
    cells: rows.map(({ setting, float, int8 }) => [
      setting,
      Number.isFinite(float.sqnrDb) ? `${float.sqnrDb.toFixed(1)} dB` : '',
      `${int8.same} of ${int8.of}`,
      `${int8.sqnrDb.toFixed(1)} dB`,
    ]),
    data: rows,
  };
}

async function judge(network: Network): Promise<readonly Row[]> {
  const compressor = createCompressor();
  const executor = compressor.container.resolve(EXECUTOR);
  const original = asFloat(readTflite(new Uint8Array(readFileSync(join(shared, network.file)))));
  const { model } = await compressor.run(original, { steps: ['fuse', 'fold-batch-norm'] });
  // Every second photograph, so that no part of one is in both.
  const calibration = await viewsFor(model, network, 0);
  const held = await viewsFor(model, network, 1);
  const reference = await answersOf(executor, model, held);
  const run = { data: { calibration }, driftSamples: 0, reportWeights: false };
  const after = async (from: Model, step: RecipeStep): Promise<Model> =>
    (await compressor.run(from, { steps: [step] }, run)).model;
  const rows: Row[] = [];
  let last: { readonly options: string; readonly model: Model; readonly float: Nearness } | undefined;
  for (const { name, equalize, quantize } of network.settings) {
    const options = JSON.stringify(equalize ?? null);
    if (last?.options !== options) {
      const equalized =
        equalize === undefined
          ? model
          : await after(model, { pass: 'equalize', options: { ...equalize, samples: network.samples } });
      last = {
        options,
        model: equalized,
        float: near(reference, await answersOf(executor, equalized, held)),
      };
    }
    const { batchSize, samples } = network;
    const step = { pass: 'quantize', options: { ...quantize, batchSize, samples } };
    const int8 = near(reference, await answersOf(executor, await after(last.model, step), held));
    rows.push({ network: network.name, setting: name, float: last.float, int8 });
    console.error(`${network.name}, ${name}: ${int8.same} of ${int8.of}, ${int8.sqnrDb.toFixed(1)} dB`);
  }
  return rows;
}

/** Views of every second photograph. */
async function viewsFor(model: Model, network: Network, odd: number): Promise<Dataset> {
  const [input] = model.graph.inputs;
  const side = Math.max(...(input?.type?.dims ?? []).map(Number).filter(Number.isFinite));
  const folder = join(shared, 'data/imagenet-samples');
  const views = await viewsOf(folder, (index) => index % 2 === odd, side, network.parts);
  return {
    name: 'views of photographs',
    count: views.length,
    labelled: false,
    async *batches(batchSize, most = views.length): AsyncGenerator<Batch> {
      const limit = Math.min(most, views.length);
      const size = Math.min(batchSize, network.batchSize);
      for (let at = 0; at < limit; at += size) {
        const batch = views.slice(at, Math.min(limit, at + size));
        yield { feeds: { [input?.name ?? '']: network.toInput(batch) }, count: batch.length };
      }
    },
  };
}

/** The logits are what a last Softmax reads, or the output. */
async function answersOf(executor: Executor, model: Model, data: Dataset): Promise<Answers> {
  const { graph } = model;
  const [output] = graph.outputs;
  const last = graph.producer(output);
  const watched = last?.op === 'Softmax' ? (last.inputs[0]?.name ?? '') : null;
  const [classes, logits]: [number[], number[]] = [[], []];
  const execution = await executor.prepare(model);
  for await (const { feeds, count } of data.batches(Infinity)) {
    const take = (tensor: Tensor | undefined): void => {
      if (tensor === undefined) return;
      classes.push(...(bestClasses(tensor, count) ?? []));
      logits.push(...toFloat32(tensor));
    };
    const outputs = await execution.run(
      feeds,
      ({ name }, tensor) => name === watched && take(tensor),
      new Set(watched === null ? [] : [watched]),
    );
    if (watched === null) take(outputs[output?.name ?? '']);
  }
  execution.dispose();
  return { classes, logits };
}

function near(reference: Answers, answers: Answers): Nearness {
  const similarity = new Similarity();
  similarity.add(Float32Array.from(reference.logits), Float32Array.from(answers.logits));
  const same = answers.classes.filter((best, i) => best === reference.classes[i]).length;
  return { same, of: reference.classes.length, sqnrDb: similarity.sqnrDb };
}
