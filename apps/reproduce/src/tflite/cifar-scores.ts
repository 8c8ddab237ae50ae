import {
  bestClasses,
  type Dataset,
  type Model,
  type RequantizationRule,
  Tensor,
  toNumbers,
} from '@espalier/core';
import { InferenceSession } from '@espalier/runtime';
import { cifarDataset, type ToInput } from '../cifar.js';

/** MLPerf Tiny's ResNets take bytes as they are: as reals, or less 128 as codes. */
const toReals: ToInput = (pixels, count) =>
  new Tensor('float32', Float32Array.from(pixels), [count, 32, 32, 3]);
const toCodes: ToInput = (pixels, count) =>
  new Tensor(
    'int8',
    Int8Array.from(pixels, (pixel) => pixel - 128),
    [count, 32, 32, 3],
  );

/** Images as a ResNet of MLPerf Tiny takes them, from one to another. */
export function imagesFor(
  { graph }: Model,
  part: 'calib' | 'test',
  range?: readonly [start: number, end: number],
): Dataset {
  const [input] = graph.inputs;
  return cifarDataset(part, input?.name ?? '', input?.type?.dtype === 'int8' ? toCodes : toReals, range);
}

/** What a model says of images. */
export interface Scores {
  /** Of equal scores the lower class counts. */
  readonly classes: readonly number[];
  readonly values: readonly number[];
  readonly right: number;
  readonly of: number;
}

/** Runs a model over images, one at a time: some files take no more. */
export async function scoresOf(
  model: Model,
  requantization: RequantizationRule,
  images: Dataset,
): Promise<Scores> {
  const session = await InferenceSession.create(model, { requantization });
  const classes: number[] = [];
  const values: number[] = [];
  let right = 0;
  for await (const { feeds, labels } of images.batches(1)) {
    const [scores] = Object.values(await session.run(feeds));
    if (scores === undefined) throw new Error('the model has no output');
    const best = bestClasses(scores, 1)?.[0] ?? -1;
    classes.push(best);
    values.push(...Array.from(toNumbers(scores)));
    if (best === labels?.[0]) right++;
  }
  await session.release();
  return { classes, values, right, of: classes.length };
}

/** On how many images two models say the same. */
export function agreement(a: Scores, b: Scores): number {
  return a.classes.filter((best, i) => best === b.classes[i]).length;
}
