import { formatForName, memoryDataset, type Recipe, readModel, Tensor } from '@espalier/core';
import { createCompressor } from '../src/index.js';
import { bytesToText, textToBytes } from './bytes-as-text.js';

/** What both sides run: model bytes in, file bytes out. Both as text, so that they can cross into a page. */
export async function compressToFile(
  modelText: string,
  recipe: Recipe,
  seed: number,
  dims: readonly number[] = [4, 3, 32, 32],
): Promise<string> {
  const compressor = createCompressor();
  const model = await readModel(compressor.container, textToBytes(modelText));
  const images = Float32Array.from(
    { length: dims.reduce((a, b) => a * b) },
    (_, i) => Math.sin(i * 0.37) * 2,
  );
  const input = model.graph.inputs[0]?.name ?? '';
  const calibration = memoryDataset('waves', { [input]: new Tensor('float32', images, dims) });
  const { model: result } = await compressor.run(model, recipe, {
    seed,
    data: { calibration },
    driftSamples: 0,
  });
  return bytesToText(formatForName(compressor.container, 'x.espalier').write?.(result) ?? new Uint8Array());
}
