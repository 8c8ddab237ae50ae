import { type Compressor, type Dataset, EXECUTOR, type Executor, type Model } from '@espalier/core';
import { createCompressor } from '@espalier/presets';
import { resnet20, resnet20Images } from '../resnet20/resnet20.js';
import { formatCount, type Reproduction } from '../table.js';
import { compareLogits, type Logits, type LogitsComparison, logitsOf } from './compare-logits.js';

/** How all widths are trained: without labels, by the answers of the float network. */
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

type Options = Readonly<Record<string, unknown>>;

/** Options of `quantize` for each row; null for the float network. */
const settings: readonly (readonly [row: string, options: Options | null])[] = [
  ['float32', null],
  ...widths.flatMap((bits): [string, Options][] => [
    [`${bits}-bit weights`, { bits, weightRange: 'mse' }],
    [`${bits}-bit weights, trained`, { bits, weightRange: 'mse', finetune }],
  ]),
];

/** One row of the table: an entry of `--json`. */
export interface QatRow extends LogitsComparison {
  readonly table: 'qat';
  readonly row: string;
  /** Images of the calibration set with the class that the float network gives them; of as many as are tested. */
  readonly agreeingCalibration: number;
  readonly fileBytes: number;
}

/**
 * ResNet-20 with weights of few bits, before and after training.
 *
 * @param known - rows of earlier runs, which are taken as they are
 */
export async function reproduceQat(known: readonly QatRow[]): Promise<Reproduction> {
  let table: QatTable | null = null;
  const rows: QatRow[] = [];
  for (const [row, options] of settings) {
    const before = known.find((one) => one.row === row);
    if (before === undefined) table ??= await QatTable.open();
    const made = before ?? (await table?.rowOf(row, options));
    if (made !== undefined) rows.push(made);
    console.error(cellsOf(rows.at(-1)).join(', '));
  }
  return {
    title: 'ResNet-20 in 4 to 2 bits, trained',
    notes: [
      'On the 2,000 CIFAR-10 test images. Weights have the nearest codes of few bits, with a scale for each output channel that makes the squared error least; activations have 8 bits, ranges measured on 256 images. "Trained" is the same followed by one epoch of quantization-aware training on the first 4,000 images of `train-images.npy`, moved and mirrored, without their labels: the float network says what is right.',
      'One learning rate for all, 0.0003: of three that were tried at 4 bits, in two epochs of 2,000 images, 0.001 agreed less with the float network on `calib-images.npy`, which nothing is trained on, and 0.0003 and 0.0001 as often. The float network was trained on all these images, so that agreement there is higher than on test images, which are looked at when a row is done.',
      'Bytes are those of whole `.espalier` files, Huffman coded; SQNR is that of the logits.',
    ],
    head: ['weights', 'right', 'same', 'same, calibration', 'SQNR', 'file bytes'],
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

  /** @param options - of `quantize`; null for the float network */
  async rowOf(row: string, options: Options | null): Promise<QatRow> {
    const model = options === null ? this.#float : await this.#quantized(options);
    const { test, calib } = this.#references;
    const compared = compareLogits(test, await logitsOf(this.#executor, model, resnet20Images('test')));
    const logits = await logitsOf(this.#executor, model, resnet20Images('calib'));
    const agreeingCalibration = compareLogits(calib, logits).agreeing;
    const format = this.#compressor.formats.find(({ name }) => name === 'espalier');
    const fileBytes = format?.write?.(model).length ?? 0;
    return { table: 'qat', row, ...compared, agreeingCalibration, fileBytes };
  }

  async #quantized(options: Options): Promise<Model> {
    const data = { calibration: resnet20Images('calib'), train: resnet20Images('train', images) };
    const steps = [{ pass: 'quantize', options }, 'huffman'];
    const request = { data, seed: 1, driftSamples: 0, reportWeights: false };
    const { model } = await this.#compressor.run(this.#float, { steps }, request);
    return model;
  }
}

function cellsOf(row: QatRow | undefined): readonly string[] {
  if (row === undefined) return [];
  return [
    row.row,
    percent(row.right),
    percent(row.agreeing),
    percent(row.agreeingCalibration),
    Number.isFinite(row.sqnrDb) ? `${row.sqnrDb.toFixed(1)} dB` : '',
    formatCount(row.fileBytes),
  ];
}

/** Of 2,000 images. */
function percent(count: number): string {
  return `${((count / 2000) * 100).toFixed(2)} %`;
}
