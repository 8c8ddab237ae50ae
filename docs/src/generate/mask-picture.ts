import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { toNumbers } from '@espalier/core';
import { readOnnx } from '@espalier/onnx';
import { prune } from '@espalier/plugin-prune';
import { createCompressor } from '@espalier/presets';
import { root } from '../repository.js';

/** The mask of a pruned layer, as a picture. */
export interface MaskPicture {
  readonly svg: string;
  readonly weights: number;
  readonly kept: number;
}

/** Share of the weights of the layer that Deep Compression keeps (2016, table 2). */
const DENSITY = 0.08;

/**
 * Which weights pruning leaves of the first layer of LeNet-300-100, the network committed in apps/reproduce/models. A row is a
 * neuron, a column a pixel of the digit, a dot a weight that stays.
 */
export async function maskPicture(): Promise<MaskPicture> {
  const model = await readOnnx(readFileSync(join(root, 'apps/reproduce/models/lenet-300-100.onnx')));
  const { model: pruned } = await createCompressor().run(model, [prune({ density: DENSITY })], {
    reportWeights: false,
  });
  const [layer] = pruned.weights();
  const [rows, columns] = layer?.encoding.dims ?? [];
  if (layer === undefined || rows === undefined || columns === undefined)
    throw new Error('the network has no first layer');
  const values = toNumbers(layer.decode());
  const dots: [x: number, y: number][] = [];
  for (let i = 0; i < values.length; i++)
    if (values[i] !== 0) dots.push([i % columns, Math.floor(i / columns)]);
  return { svg: drawDots(columns, rows, dots), weights: values.length, kept: dots.length };
}

/** Dots in the order of reading; each is a line of no length with round ends. */
function drawDots(width: number, height: number, dots: readonly (readonly [number, number])[]): string {
  let path = '';
  let [lastX, lastY] = [0, 0];
  for (const [x, y] of dots) {
    path += `m${x - lastX} ${y - lastY}h0`;
    [lastX, lastY] = [x, y];
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="-1 -1 ${width + 1} ${height + 1}"><path d="M0 0${path}" fill="none" stroke="#000" stroke-width=".95" stroke-linecap="round"/></svg>\n`;
}
