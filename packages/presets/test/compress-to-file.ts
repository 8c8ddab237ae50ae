import { formatForName, memoryDataset, type Recipe, readModel, Tensor } from '@espalier/core';
import { createCompressor } from '../src/index.js';

/** What both sides run: model bytes in, file bytes out. Plain arrays, so that it can cross into a page. */
export async function compressToFile(
  modelBytes: readonly number[],
  recipe: Recipe,
  seed: number,
  dims: readonly number[] = [4, 3, 32, 32],
): Promise<readonly number[]> {
  const compressor = createCompressor();
  const model = await readModel(compressor.container, Uint8Array.from(modelBytes));
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
  return Array.from(formatForName(compressor.container, 'x.espalier').write?.(result) ?? []);
}
