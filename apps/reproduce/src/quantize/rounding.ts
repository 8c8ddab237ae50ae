import { EXECUTOR, type RecipeStep } from '@espalier/core';
import { createCompressor } from '@espalier/presets';
import { resnet20, resnet20Images } from '../resnet20/resnet20.js';
import { formatCount, type Reproduction } from '../table.js';
import { compareLogits, type LogitsComparison, logitsOf } from './compare-logits.js';

type Options = Readonly<Record<string, unknown>>;

const adaptive: Options = { weightRange: 'mse', rounding: 'adaptive' };

/** One row of the table each: options of `quantize`, and whether layers are equalized before. */
const rows: readonly (readonly [name: string, options: Options, equalized?: true])[] = [
  ['int8', {}],
  ['4-bit weights, nearest', { bits: 4 }],
  ['4-bit weights, adaptive', { bits: 4, ...adaptive }],
  ['4-bit weights, adaptive, corrected biases', { bits: 4, ...adaptive, correctBias: true }],
  ['3-bit weights, adaptive, corrected biases', { bits: 3, ...adaptive, correctBias: true }],
  ['int8, one scale a tensor', { granularity: 'tensor' }],
  ['int8, one scale a tensor, equalized', { granularity: 'tensor' }, true],
];

interface Row extends LogitsComparison {
  readonly row: string;
  readonly fileBytes: number;
}

/** ResNet-20 with weights of 8 to 3 bits, 8-bit activations, without retraining. */
export async function reproduceRounding(): Promise<Reproduction> {
  const compressor = createCompressor();
  const executor = compressor.container.resolve(EXECUTOR);
  const format = compressor.formats.find(({ name }) => name === 'espalier');
  const simple = await compressor.run(await resnet20(), { steps: ['fuse', 'fold-batch-norm'] });
  const test = resnet20Images('test');
  const reference = await logitsOf(executor, simple.model, test);
  const results: Row[] = [
    {
      row: 'float32',
      ...compareLogits(reference, reference),
      fileBytes: format?.write?.(simple.model).length ?? 0,
    },
  ];
  for (const [name, options, equalized] of rows) {
    const steps: RecipeStep[] = [
      ...(equalized ? ['equalize'] : []),
      { pass: 'quantize', options },
      'huffman',
    ];
    const { model } = await compressor.run(
      simple.model,
      { steps },
      { data: { calibration: resnet20Images('calib') }, driftSamples: 0, reportWeights: false },
    );
    const logits = await logitsOf(executor, model, test);
    const fileBytes = format?.write?.(model).length ?? 0;
    results.push({ row: name, ...compareLogits(reference, logits), fileBytes });
    console.error(`${name} done`);
  }
  return {
    title: 'ResNet-20 in 8 to 3 bits, without retraining',
    notes: [
      'On the 2,000 CIFAR-10 test images. Activations have 8 bits where nothing else is said, ranges and moments are measured on 256 images of the training set. Bytes are those of whole `.espalier` files, Huffman coded.',
      '"Same" counts images with the class that the float network gives; SQNR is that of the logits.',
    ],
    head: ['weights', 'right', 'same', 'SQNR', 'file bytes'],
    cells: results.map(({ row, right, agreeing, sqnrDb, fileBytes }) => [
      row,
      `${((right / 2000) * 100).toFixed(2)} %`,
      `${((agreeing / 2000) * 100).toFixed(2)} %`,
      Number.isFinite(sqnrDb) ? `${sqnrDb.toFixed(1)} dB` : '',
      formatCount(fileBytes),
    ]),
    data: results,
  };
}
