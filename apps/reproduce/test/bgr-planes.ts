import type { Tensor } from '@espalier/core';
import { type Picture, readPicture, toTensor } from '../src/ocr/picture.js';

/** A picture as ocr-node shows it to a detector: planes of blue, green and red from 0 to 1, not normalised. */
export async function bgrPlanes(file: string): Promise<Tensor<'float32'>> {
  const picture = await readPicture(file);
  const up = (side: number): number => Math.ceil(side / 32) * 32;
  const size = { width: up(picture.width), height: up(picture.height) };
  return toTensor(swapped(picture), size, [0, 0, 0], [1, 1, 1]);
}

function swapped(picture: Picture): Picture {
  const rgb = picture.rgb.map((_, i) => picture.rgb[i - (i % 3) + 2 - (i % 3)] ?? 0);
  return { ...picture, rgb };
}
