import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { type Model, readModel } from '@espalier/core';
import { writeOnnx } from '@espalier/onnx';
import { createCompressor } from '@espalier/presets';
import { adam, cosine, softmaxCrossEntropy, Trainer } from '@espalier/train';
import { loadMnist } from '../mnist/mnist.js';
import { formatCount, type Reproduction } from '../table.js';
import { digitsFor, shiftDigits } from './digits-for.js';
import { lenet5, lenet300, type Network } from './models.js';

const folder = fileURLToPath(new URL('../../models/', import.meta.url));

/** How a baseline is trained: Adam, its rate falling along a cosine, digits shifted by up to two pixels. */
interface BaselineRecipe {
  readonly network: Network;
  readonly epochs: number;
  readonly dropout: Readonly<Record<string, number>>;
}

const recipes: readonly BaselineRecipe[] = [
  { network: lenet300, epochs: 30, dropout: { 'fc1.relu': 0.2, 'fc2.relu': 0.2 } },
  { network: lenet5, epochs: 8, dropout: { flat: 0.2, 'fc1.relu': 0.4 } },
];

/** The trained baseline of a network, as it is committed. */
export async function readBaseline({
  name,
}: Network): Promise<{ readonly model: Model; readonly bytes: Uint8Array }> {
  const bytes = await readFile(baselineFile(name));
  return { bytes, model: await readModel(createCompressor().container, bytes, { name: `${name}.onnx` }) };
}

/** Where the baseline of a network is committed. */
export function baselineFile(name: Network['name']): string {
  return `${folder}${name}.onnx`;
}

/** Trains both baselines from scratch, seed 1, and writes them to apps/reproduce/models. */
export async function trainBaselines(): Promise<Reproduction> {
  const mnist = await loadMnist();
  await mkdir(folder, { recursive: true });
  const results = [];
  for (const { network, epochs, dropout } of recipes) {
    const model = network.build(1);
    const trainer = await Trainer.create(model, {
      loss: softmaxCrossEntropy(),
      optimizer: adam({ learningRate: 1e-3 }),
      batchSize: 64,
      seed: 1,
      dropout,
    });
    const validation = digitsFor(network, mnist.validation);
    await trainer.fit(digitsFor(network, mnist.train), {
      epochs,
      schedule: cosine({ floor: 0.01 }),
      augment: shiftDigits(2),
      async onEpoch({ epoch, loss }) {
        const { accuracy } = await trainer.evaluate(validation);
        console.error(
          `${network.title}, epoch ${epoch}: loss ${loss.toFixed(4)}, validation ${percentWrong(accuracy)} % wrong`,
        );
      },
    });
    const [chosen, final] = [
      await trainer.evaluate(validation),
      await trainer.evaluate(digitsFor(network, mnist.test)),
    ];
    trainer.writeBack();
    trainer.release();
    const bytes = writeOnnx(model);
    await writeFile(baselineFile(network.name), bytes);
    results.push({
      network: network.name,
      epochs,
      validationErrorPercent: Number(percentWrong(chosen.accuracy)),
      errorPercent: Number(percentWrong(final.accuracy)),
      fileBytes: bytes.length,
    });
  }
  return {
    title: 'The baselines, trained from scratch on MNIST',
    notes: [
      'Adam with a cosine schedule on the first 55,000 training images, shifted by up to two pixels, with dropout; the last epoch is taken. Validation is the last 5,000 training images.',
    ],
    head: ['network', 'epochs', 'validation error', 'test error', 'ONNX bytes'],
    cells: results.map((row) => [
      row.network,
      String(row.epochs),
      `${row.validationErrorPercent} %`,
      `${row.errorPercent} %`,
      formatCount(row.fileBytes),
    ]),
    data: results,
  };
}

function percentWrong(accuracy: number | null): string {
  return (100 * (1 - (accuracy ?? 0))).toFixed(2);
}
