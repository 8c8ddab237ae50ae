import type { Model, Tensor } from '@espalier/core';
import { InferenceSession } from '@espalier/runtime';
import type { Box } from './picture.js';
import { type Picture, toTensor } from './picture.js';
import { textBoxes } from './text-boxes.js';

/** ImageNet statistics: what PaddleOCR's detector was trained with. */
const mean = [0.485, 0.456, 0.406];
const deviation = [0.229, 0.224, 0.225];

/** float32 [1, 3, height, width]; sides are rounded up to multiples of 32, which the network halves five times. */
export function detectorInput(picture: Picture): Tensor<'float32'> {
  const up = (side: number): number => Math.ceil(side / 32) * 32;
  return toTensor(picture, { width: up(picture.width), height: up(picture.height) }, mean, deviation);
}

/** What a detector makes of one picture. */
export interface Detection {
  readonly boxes: readonly Box[];
  readonly probability: Tensor;
  /** Median of a few runs. */
  readonly elapsedMs: number;
}

/** Runs a detector over a picture. */
export async function detect(model: Model, picture: Picture, runs = 5): Promise<Detection> {
  const session = await InferenceSession.create(model);
  const feeds = { [session.inputNames[0] ?? '']: detectorInput(picture) };
  const output = session.outputNames[0] ?? '';
  const times: number[] = [];
  let probability: Tensor | undefined;
  for (let i = 0; i < runs; i++) {
    const started = performance.now();
    probability = (await session.run(feeds))[output];
    times.push(performance.now() - started);
  }
  await session.release();
  times.sort((a, b) => a - b);
  if (probability === undefined) throw new Error(`the detector has no output "${output}"`);
  return { boxes: textBoxes(probability), probability, elapsedMs: times[runs >> 1] ?? 0 };
}
