import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cifarFile } from '../cifar.js';
import { espalierJson } from '../command.js';
import { readRecipe } from '../read-recipe.js';
import { meanAndSpread } from '../statistics.js';
import { formatCount, type Reproduction, type Section } from '../table.js';
import { pixelFlags, requireResNet20, resnet20File } from './resnet20.js';

/** The name of the table, and of its recipe. */
const TABLE = 'resnet20-retrained';

const recipe = fileURLToPath(new URL(`../../recipes/${TABLE}.json`, import.meta.url));

/** One run with one seed: an entry of `--json`. */
export interface Retrained {
  readonly table: string;
  readonly seed: number;
  /** Of the test images. */
  readonly right: number;
  readonly of: number;
  readonly errorPercent: number;
  /** The whole `.espalier` file. */
  readonly fileBytes: number;
  /** Bytes of the ONNX file over `fileBytes`. */
  readonly ratio: number;
  /** Share of the weights that are not zero. */
  readonly density: number;
  /** Share of the calibration images that are given the class that the original gives them. */
  readonly agreement: number;
  readonly passes: readonly { readonly pass: string; readonly fileBytes: number }[];
  readonly rows: readonly Layer[];
}

interface Layer {
  readonly layer: string;
  readonly weights: number;
  readonly density: number;
  readonly bytes: number;
}

/**
 * ResNet-20 pruned, shared and coded by the command, retrained on images without their labels.
 *
 * @param known - results of earlier runs, which are taken as they are
 */
export async function reproduceRetrained(
  out: string,
  seeds: readonly number[],
  known: readonly Retrained[] = [],
): Promise<Reproduction> {
  requireResNet20();
  const results: Retrained[] = [];
  for (const seed of seeds) {
    const before = known.find((result) => result.table === TABLE && result.seed === seed);
    results.push(before ?? (await retrain(out, seed)));
    console.error(`seed ${seed}: ${seedCells(results.at(-1)).join(', ')}`);
  }
  return {
    title: 'ResNet-20 on the 2,000 CIFAR-10 test images, retrained',
    notes: [
      (await readRecipe(TABLE)).about ?? '',
      'Retrained on the 10,000 images of `train-images.npy`, moved and mirrored, without labels: the original says what is right. The original was trained on these images too, so that what is right among them tells nothing; the learning rate was chosen by how often answers agree with those of the original on `calib-images.npy`, which nothing is trained on here. The test images are looked at when a file is written. Bytes are those of whole files; the ONNX file has 1,098,143 and 1829 of 2,000 right.',
    ],
    head: ['seed', 'right', 'agreement, calibration', 'file bytes', 'smaller', 'weights kept'],
    cells: [...results.map(seedCells), ...(results.length > 1 ? [meanCells(results)] : [])],
    sections: sectionsOf(results[0]),
    data: results,
  };
}

async function retrain(out: string, seed: number): Promise<Retrained> {
  const file = join(out, `${TABLE}-${seed}.espalier`);
  const args = ['-o', file, '--recipe', recipe, '--seed', String(seed), '--force', ...pixelFlags];
  const made = (await espalierJson('compress', resnet20File, ...args)) as Compressed;
  const compare = (...data: readonly string[]): Promise<unknown> =>
    espalierJson('compare', resnet20File, file, '--no-latency', ...data, ...pixelFlags);
  const calibrated = (await compare('--data', cifarFile('calib-images.npy'))) as Compared;
  const labels = ['--labels', cifarFile('test-labels.npy')];
  const tested = (await compare('--data', cifarFile('test-images.npy'), ...labels)) as Compared;
  const { right, of } = tested.b.top1 ?? { right: 0, of: tested.samples };
  const rows = made.layers.map(({ name: layer, parameters, density, bytesAfter }) => ({
    layer: layer.replace(/\.weight$/, ''),
    weights: parameters,
    density,
    bytes: bytesAfter,
  }));
  const sum = (of: (row: Layer) => number): number => rows.reduce((total, row) => total + of(row), 0);
  return {
    table: TABLE,
    seed,
    right,
    of,
    errorPercent: (100 * (of - right)) / of,
    fileBytes: made.after.sizeBytes,
    ratio: made.before.sizeBytes / made.after.sizeBytes,
    density: sum(({ weights, density }) => weights * density) / sum(({ weights }) => weights),
    agreement: calibrated.agreement ?? 0,
    passes: made.passes.map(({ pass, sizeBytes }) => ({ pass, fileBytes: sizeBytes })),
    rows,
  };
}

/** The part of the JSON of `compress` that the table needs. */
interface Compressed {
  readonly before: { readonly sizeBytes: number };
  readonly after: { readonly sizeBytes: number };
  readonly passes: readonly { readonly pass: string; readonly sizeBytes: number }[];
  readonly layers: readonly {
    readonly name: string;
    readonly parameters: number;
    readonly density: number;
    readonly bytesAfter: number;
  }[];
}

/** That of `compare`. */
interface Compared {
  readonly samples: number;
  readonly agreement: number | null;
  readonly b: { readonly top1: { readonly right: number; readonly of: number } | null };
}

function seedCells(result: Retrained | undefined): readonly string[] {
  if (result === undefined) return [];
  const { seed, right, of, agreement, fileBytes, ratio, density } = result;
  return [
    String(seed),
    `${right} of ${of}`,
    percent(agreement),
    formatCount(fileBytes),
    `${ratio.toFixed(2)}x`,
    percent(density),
  ];
}

function meanCells(results: readonly Retrained[]): readonly string[] {
  const cell = (of: (result: Retrained) => number, digits: number, unit: string): string => {
    const { mean, spread } = meanAndSpread(results.map(of));
    return `${mean.toFixed(digits)} ± ${spread.toFixed(digits)}${unit}`;
  };
  return [
    'mean ± spread',
    cell(({ right }) => right, 1, ''),
    cell(({ agreement }) => 100 * agreement, 2, ' %'),
    cell(({ fileBytes }) => fileBytes, 0, ''),
    cell(({ ratio }) => ratio, 2, 'x'),
    cell(({ density }) => 100 * density, 2, ' %'),
  ];
}

function sectionsOf(first: Retrained | undefined): readonly Section[] {
  if (first === undefined) return [];
  return [
    {
      heading: 'Pass by pass, the first seed',
      head: ['after', 'file bytes'],
      cells: first.passes.map(({ pass, fileBytes }) => [pass, formatCount(fileBytes)]),
    },
    {
      heading: 'Layer by layer, the first seed',
      head: ['layer', 'weights', 'kept', 'bytes', 'bits a weight'],
      cells: first.rows.map(({ layer, weights, density, bytes }) => [
        layer,
        formatCount(weights),
        percent(density),
        formatCount(bytes),
        ((8 * bytes) / weights).toFixed(2),
      ]),
    },
  ];
}

function percent(share: number): string {
  return `${(100 * share).toFixed(2)} %`;
}
