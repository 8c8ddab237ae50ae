import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import {
  CodebookEncoding,
  Compressor,
  describeEncoding,
  type Encoding,
  type Model,
  readModel,
  Tensor,
  toBytes,
  walkEncoding,
} from '@espalier/core';
import { InferenceSession } from '@espalier/runtime';
import sharp from 'sharp';
import { beforeAll, describe, expect, test } from 'vitest';
import { deepCompressionFormat } from '../src/index.js';

const shared = new URL('../../../../shared/', import.meta.url);
const folder = new URL('models/squeezenet-deep-compression/', shared);
const photographs = new URL('data/imagenet-samples/', shared);
const absent = !existsSync(folder) || !existsSync(photographs);
if (absent) console.warn('Skipped: no shared/models/squeezenet-deep-compression beside the repository.');

interface ExpectedLayer {
  readonly name: string;
  readonly shape: readonly number[];
  readonly nonzeros: number;
  readonly codebookSha256: string;
  readonly weightSha256: string;
  readonly biasSha256: string;
}

interface Photograph {
  readonly file: string;
  readonly class: number;
}

function readJson(url: URL): unknown {
  return JSON.parse(readFileSync(url, 'utf8'));
}

function sha256(encoding: Encoding | undefined): string {
  const bytes = encoding === undefined ? new Uint8Array() : toBytes(encoding.decode().data);
  return createHash('sha256').update(bytes).digest('hex');
}

function codebookOf(tree: Encoding): Encoding | undefined {
  for (const { encoding } of walkEncoding(tree))
    if (encoding instanceof CodebookEncoding) return encoding.children.centroids;
  return undefined;
}

/** As Caffe has it: 256 x 256, the middle 227 x 227, blue first, less the mean of ImageNet. */
async function pixelsOf(file: string): Promise<Float32Array> {
  const means = [104, 117, 123];
  const size = 227;
  const rgb = await sharp(readFileSync(new URL(file, photographs)))
    .resize(256, 256, { fit: 'fill' })
    .extract({ left: 14, top: 14, width: size, height: size })
    .removeAlpha()
    .toColourspace('srgb')
    .raw()
    .toBuffer();
  const area = size * size;
  return Float32Array.from(
    { length: 3 * area },
    (_, i) => (rgb[3 * (i % area) + 2 - Math.floor(i / area)] ?? 0) - (means[Math.floor(i / area)] ?? 0),
  );
}

describe.skipIf(absent)('the SqueezeNet that the authors published', () => {
  let model: Model;

  beforeAll(async () => {
    if (absent) return;
    const { container } = new Compressor({ plugins: [deepCompressionFormat] });
    const bytes = new Uint8Array(readFileSync(new URL('compressed_SqueezeNet.net', folder)));
    model = await readModel(container, bytes, { name: 'compressed_SqueezeNet.net' });
  });

  test('has the weights, biases and codebooks of all 26 layers, bit for bit', () => {
    const { layers } = readJson(new URL('expected.json', folder)) as { layers: readonly ExpectedLayer[] };
    const weights = model.weights();
    expect(weights.map(({ name }) => name)).toEqual(layers.map(({ name }) => `${name}.weight`));
    for (const [i, layer] of layers.entries()) {
      const tree = weights[i]?.encoding as Encoding; // as many as layers
      expect(tree.dims, layer.name).toEqual(layer.shape);
      expect(describeEncoding(tree)).toBe(
        'sparse(gaps: packed, values: codebook(centroids: float32, indices: packed))',
      );
      expect(sha256(tree), layer.name).toBe(layer.weightSha256);
      expect(sha256(codebookOf(tree)), layer.name).toBe(layer.codebookSha256);
      expect(sha256(model.graph.value(`${layer.name}.bias`)?.constant ?? undefined), layer.name).toBe(
        layer.biasSha256,
      );
      expect(tree.children['values']?.dims).toEqual([layer.nonzeros]);
    }
  });

  test('names photographs', async () => {
    const labels = readJson(new URL('labels.json', photographs)) as readonly Photograph[];
    const session = await InferenceSession.create(model);
    let [best, amongFive] = [0, 0];
    // Every third one: 17 runs of 861 million products.
    const some = labels.filter((_, i) => i % 3 === 0);
    for (const { file, class: right } of some) {
      const data = new Tensor('float32', await pixelsOf(file), [1, 3, 227, 227]);
      const { scores } = await session.run({ data });
      const values = Array.from((scores as Tensor<'float32'>).data); // the model's one output
      const better = values.filter((value) => value > (values[right] ?? 0)).length;
      best += Number(better === 0);
      amongFive += Number(better < 5);
    }
    session.release();
    console.info(`${best} of ${some.length} right, ${amongFive} among the best five`);
    // The authors' reader: 655 and 855 of 1,000; less two deviations of a sample of 17.
    expect(best).toBeGreaterThanOrEqual(7);
    expect(amongFive).toBeGreaterThanOrEqual(11);
  });
});
