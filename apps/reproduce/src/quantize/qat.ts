import {
  type Compressor,
  type Dataset,
  EXECUTOR,
  type Executor,
  type Model,
  type Step,
  toFloat32,
} from '@espalier/core';
import { createCompressor } from '@espalier/presets';
import { resnet20, resnet20Images } from '../resnet20/resnet20.js';
import { formatCount, type Reproduction } from '../table.js';
import { compareLogits, type Logits, type LogitsComparison, logitsOf } from './compare-logits.js';

/** The first row. */
const FLOAT = 'float32';

/** How all are trained: without labels, by the answers of the float network. */
const finetune = {
  epochs: 1,
  learningRate: 3e-4,
  batchSize: 32,
  loss: 'distillation',
  temperature: 4,
  augment: { shift: 4, flip: true },
  validation: 0,
  threads: 2,
} as const;

/** Images that are trained on, of 10,000: the command is to take some minutes. */
const images = 4000;

/** Bits of weights; activations have 8. */
const widths: readonly number[] = [4, 3, 2];

/** What is kept of each layer but the first and the last, which are small. */
const density = { 'conv1.weight': 1, 'linear.weight': 1, default: 0.4 };

type Options = Readonly<Record<string, unknown>>;

/** Steps before `quantize`, and its options. */
interface Setting {
  readonly row: string;
  readonly before: readonly Step[];
  readonly options: Options;
}

const pruned: Step = { pass: 'prune', options: { density } };
const shared: Step = { pass: 'share-weights', options: { bits: 4 } };

const settings: readonly Setting[] = [
  ...widths.map((bits) => ({
    row: `${bits}-bit weights`,
    before: [],
    options: { bits, weightRange: 'mse' },
  })),
  { row: 'pruned, 8-bit', before: [pruned], options: {} },
  { row: '16 shared values, 8-bit', before: [shared], options: {} },
  { row: 'pruned, 16 shared values, 8-bit', before: [pruned, shared], options: {} },
].flatMap((setting) => [
  setting,
  { ...setting, row: `${setting.row}, trained`, options: { ...setting.options, finetune } },
]);

/** One row of the table: an entry of `--json`. */
export interface QatRow extends LogitsComparison {
  readonly table: 'qat';
  readonly row: string;
  /** Images of the calibration set with the class that the float network gives them; of as many as are tested. */
  readonly agreeingCalibration: number;
  readonly fileBytes: number;
  /** Share of the weights that are not zero. */
  readonly density: number;
  /** Values that the weights of a layer have, in that with the most. */
  readonly mostValues: number;
}

/**
 * ResNet-20 with weights of few bits, few weights or few values, before and after training.
 *
 * @param known - rows of earlier runs, which are taken as they are
 */
export async function reproduceQat(known: readonly QatRow[]): Promise<Reproduction> {
  let table: QatTable | null = null;
  const rows: QatRow[] = [];
  for (const setting of [null, ...settings]) {
    const before = known.find((one) => one.row === (setting?.row ?? FLOAT));
    if (before === undefined) table ??= await QatTable.open();
    const made = before ?? (await table?.rowOf(setting));
    if (made !== undefined) rows.push(made);
    console.error(cellsOf(rows.at(-1)).join(', '));
  }
  return {
    title: 'ResNet-20 quantized, pruned and clustered, trained',
    notes: [
      'On the 2,000 CIFAR-10 test images. Weights have the nearest codes of few bits, with a scale for each output channel that makes the squared error least; activations have 8 bits, ranges measured on 256 images. "Trained" is the same followed by one epoch of quantization-aware training on the first 4,000 images of `train-images.npy`, moved and mirrored, without their labels: the float network says what is right.',
      'One learning rate for all, 0.0003: of three that were tried at 4 bits, in two epochs of 2,000 images, 0.001 agreed less with the float network on `calib-images.npy`, which nothing is trained on, and 0.0003 and 0.0001 as often. The float network was trained on all these images, so that agreement there is higher than on test images, which are looked at when a row is done.',
      '"Pruned" keeps 0.4 of the weights of each layer but the first and the last, by their size; "shared values" are those of k-means from linear centroids, for each layer, and zero where weights are pruned. Neither is trained before. All steps are of one pipeline: `prune`, `share-weights`, `quantize`, `huffman`. Density and the values that weights of a layer have, in that with the most, are of the result. Training keeps zeros of pruning, and changes shared values but adds none. Where each output channel has a scale of its own, so do its values.',
      'Bytes are those of whole `.espalier` files, Huffman coded; SQNR is that of the logits.',
    ],
    head: [
      'weights',
      'right',
      'same',
      'same, calibration',
      'SQNR',
      'density',
      'values a layer',
      'file bytes',
    ],
    cells: rows.map(cellsOf),
    data: rows,
  };
}

/** What rows are made with, and judged by. */
class QatTable {
  readonly #compressor: Compressor;
  readonly #executor: Executor;
  readonly #float: Model;
  readonly #references: Readonly<Record<'test' | 'calib', Logits>>;

  private constructor(compressor: Compressor, executor: Executor, float: Model, test: Logits, calib: Logits) {
    this.#compressor = compressor;
    this.#executor = executor;
    this.#float = float;
    this.#references = { test, calib };
  }

  static async open(): Promise<QatTable> {
    const compressor = createCompressor();
    const executor = compressor.container.resolve(EXECUTOR);
    const { model } = await compressor.run(await resnet20(), { steps: ['fuse', 'fold-batch-norm'] });
    const of = (data: Dataset): Promise<Logits> => logitsOf(executor, model, data);
    const [test, calib] = [await of(resnet20Images('test')), await of(resnet20Images('calib'))];
    return new QatTable(compressor, executor, model, test, calib);
  }

  /** @param setting - null for the float network */
  async rowOf(setting: Setting | null): Promise<QatRow> {
    const model = setting === null ? this.#float : await this.#quantized(setting);
    const compared = await this.#compared(model, 'test');
    const agreeingCalibration = (await this.#compared(model, 'calib')).agreeing;
    const format = this.#compressor.formats.find(({ name }) => name === 'espalier');
    const fileBytes = format?.write?.(model).length ?? 0;
    const row = setting?.row ?? FLOAT;
    return { table: 'qat', row, ...compared, agreeingCalibration, fileBytes, ...valuesOf(model) };
  }

  async #compared(model: Model, name: 'test' | 'calib'): Promise<LogitsComparison> {
    const reference = this.#references[name];
    if (model === this.#float) return compareLogits(reference, reference);
    return compareLogits(reference, await logitsOf(this.#executor, model, resnet20Images(name)));
  }

  async #quantized({ before, options }: Setting): Promise<Model> {
    const data = { calibration: resnet20Images('calib'), train: resnet20Images('train', images) };
    const steps = [...before, { pass: 'quantize', options }, 'huffman'];
    const request = { data, seed: 1, driftSamples: 0, reportWeights: false };
    const { model } = await this.#compressor.run(this.#float, { steps }, request);
    return model;
  }
}

/** How many weights are not zero, and how many values they have. */
function valuesOf(model: Model): Pick<QatRow, 'density' | 'mostValues'> {
  let [kept, count, mostValues] = [0, 0, 0];
  for (const weight of model.weights()) {
    const values = toFloat32(weight.decode());
    count += values.length;
    kept += values.reduce((sum, value) => sum + (value === 0 ? 0 : 1), 0);
    mostValues = Math.max(mostValues, new Set(values).size);
  }
  return { density: kept / count, mostValues };
}

function cellsOf(row: QatRow | undefined): readonly string[] {
  if (row === undefined) return [];
  return [
    row.row,
    percent(row.right),
    percent(row.agreeing),
    percent(row.agreeingCalibration),
    Number.isFinite(row.sqnrDb) ? `${row.sqnrDb.toFixed(1)} dB` : '',
    row.density.toFixed(2),
    formatCount(row.mostValues),
    formatCount(row.fileBytes),
  ];
}

/** Of 2,000 images. */
function percent(count: number): string {
  return `${((count / 2000) * 100).toFixed(2)} %`;
}
