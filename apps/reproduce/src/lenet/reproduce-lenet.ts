import type { Recipe } from '@espalier/core';
import { loadMnist } from '../mnist/mnist.js';
import { readRecipe } from '../read-recipe.js';
import { meanAndSpread } from '../statistics.js';
import { formatCount, type Reproduction, type Section } from '../table.js';
import { readBaseline } from './baselines.js';
import { runChain, type Stage } from './chain.js';
import { type ComparedRow, comparedRows, comparisonTable } from './comparison.js';
import { totalCost, weightCount } from './layer-cost.js';
import { networks } from './models.js';
import { paperTables } from './paper.js';
import { amongPublished } from './published.js';
import { type LenetTable, lenetTables } from './recipes.js';

/** One run of a recipe with one seed: an entry of `--json`. */
export interface SeedResult {
  readonly table: string;
  readonly seed: number;
  /** On the 10,000 test images. */
  readonly errorPercent: number;
  /** On the 5,000 images that settings were chosen on. */
  readonly validationErrorPercent: number;
  /** The whole `.espalier` file. */
  readonly fileBytes: number;
  /** 4 bytes for each weight of the network, over `fileBytes`. */
  readonly ratio: number;
  /** The paper's way to count: without biases, names and the graph. */
  readonly ratioOfWeights: number;
  /** Weights of the network over weights that are not zero. */
  readonly fewerWeights: number;
  readonly steps: readonly StepResult[];
  readonly rows: readonly ComparedRow[];
}

/** Behind one step of the recipe. */
export interface StepResult {
  readonly step: string;
  readonly errorPercent: number;
  readonly validationErrorPercent: number;
  readonly fileBytes: number;
}

/**
 * A table of the papers, made again with some seeds.
 *
 * @param known - results of earlier runs, which are taken as they are
 */
export async function reproduceLenet(
  table: string,
  seeds: readonly number[],
  known: readonly SeedResult[] = [],
): Promise<Reproduction> {
  const about = lenetTables[table];
  if (about === undefined) throw new Error(`There is no table "${table}".`);
  const recipe = await readRecipe(table);
  const network = networks[about.network];
  const { model } = await readBaseline(network);
  const mnist = await loadMnist();
  const denseBytes = 4 * weightCount(model);
  const results: SeedResult[] = [];
  for (const seed of seeds) {
    const before = known.find((result) => result.table === table && result.seed === seed);
    if (before !== undefined) {
      results.push(before);
      continue;
    }
    const log = (message: string): void => console.error(`seed ${seed}, ${message}`);
    const { stages } = await runChain(model, recipe.steps, { network, mnist, seed, log });
    for (const stage of stages) log(stageLine(stage, denseBytes));
    results.push(resultOf(table, seed, stages, denseBytes));
  }
  return pageOf(about, recipe, results, denseBytes);
}

function stageLine(stage: Stage, denseBytes: number): string {
  const error = `${stage.errorPercent.toFixed(2)} % wrong`;
  return `${stage.step}: ${formatCount(stage.fileBytes)} bytes, ${(denseBytes / stage.fileBytes).toFixed(1)}x, ${error}, ${(stage.elapsedMs / 1000).toFixed(0)} s`;
}

/** The stages of one seed as data. */
export function resultOf(
  table: string,
  seed: number,
  stages: readonly Stage[],
  denseBytes: number,
): SeedResult {
  const last = stages.at(-1);
  if (last === undefined) throw new Error('A recipe has no steps.');
  // Bits before coding are those of the stage that shared.
  const shared = stages.at(-2) ?? last;
  const total = totalCost(last.layers);
  return {
    table,
    seed,
    errorPercent: last.errorPercent,
    validationErrorPercent: last.validationErrorPercent,
    fileBytes: last.fileBytes,
    ratio: denseBytes / last.fileBytes,
    ratioOfWeights: denseBytes / total.bytes,
    fewerWeights: denseBytes / 4 / total.kept,
    steps: stages.map(({ step, errorPercent, validationErrorPercent, fileBytes }) => ({
      step,
      errorPercent,
      validationErrorPercent,
      fileBytes,
    })),
    rows: comparedRows([...shared.layers, totalCost(shared.layers)], [...last.layers, total]),
  };
}

/** The page of some results, of one recipe. */
export function pageOf(
  { network: name, title }: LenetTable,
  { about = '' }: Recipe,
  results: readonly SeedResult[],
  denseBytes: number,
): Reproduction {
  const network = networks[name];
  const paper = paperTables[name];
  const sections: Section[] = [
    {
      heading: 'Step by step, the first seed',
      head: ['after', 'validation error', 'test error', 'file bytes', 'smaller'],
      cells: (results[0]?.steps ?? []).map((step) => [
        step.step,
        `${step.validationErrorPercent.toFixed(2)} %`,
        `${step.errorPercent.toFixed(2)} %`,
        formatCount(step.fileBytes),
        `${(denseBytes / step.fileBytes).toFixed(1)}x`,
      ]),
    },
    {
      heading:
        'Layer by layer, the first seed; in brackets Deep Compression, table ' +
        (name === 'lenet-5' ? '3' : '2'),
      ...comparisonTable(results[0]?.rows ?? [], paper),
    },
  ];
  const { before, after } = paper.errorPercent;
  return {
    title: `${network.title}: ${title}`,
    notes: [
      about,
      `Errors are of the 10,000 test images, which no step sees; validation is on the last 5,000 training images (\`apps/reproduce/README.md\` says how settings were chosen). Bytes are those of the whole \`.espalier\` file, and "smaller" is against the ${formatCount(denseBytes)} bytes of the weights as float32; "weights alone" leaves out biases, names and graph, as the paper does. The paper: ${before} % before, ${after} % after, ${paper.ratio}x, ${paper.kilobytes} KB.`,
      ...missed(results, before),
    ],
    head: ['seed', 'test error', 'file bytes', 'smaller', 'weights alone', 'fewer weights'],
    cells: [...results.map(seedCells), ...(results.length > 1 ? [meanCells(results)] : [])],
    sections,
    figures: [
      amongPublished(
        network,
        results[0]?.table ?? name,
        results.map(({ ratio, errorPercent }) => [ratio, errorPercent]),
      ),
    ],
    data: results,
  };
}

/** Says which seeds are worse than the network of the paper before it was compressed. */
function missed(results: readonly SeedResult[], limit: number): readonly string[] {
  const worse = results.filter(({ errorPercent }) => errorPercent > limit).map(({ seed }) => seed);
  if (worse.length === 0) return [];
  return [`Above the ${limit} % of the paper's network before compression: seed ${worse.join(', ')}.`];
}

function seedCells(result: SeedResult): readonly string[] {
  return [
    String(result.seed),
    `${result.errorPercent.toFixed(2)} %`,
    formatCount(result.fileBytes),
    `${result.ratio.toFixed(1)}x`,
    `${result.ratioOfWeights.toFixed(1)}x`,
    `${result.fewerWeights.toFixed(1)}x`,
  ];
}

function meanCells(results: readonly SeedResult[]): readonly string[] {
  const cell = (of: (result: SeedResult) => number, digits: number, unit: string): string => {
    const { mean, spread } = meanAndSpread(results.map(of));
    return `${mean.toFixed(digits)} ± ${spread.toFixed(digits)}${unit}`;
  };
  return [
    'mean ± spread',
    cell(({ errorPercent }) => errorPercent, 2, ' %'),
    cell(({ fileBytes }) => fileBytes, 0, ''),
    cell(({ ratio }) => ratio, 1, 'x'),
    cell(({ ratioOfWeights }) => ratioOfWeights, 1, 'x'),
    cell(({ fewerWeights }) => fewerWeights, 1, 'x'),
  ];
}
