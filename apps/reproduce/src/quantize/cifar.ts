import { existsSync, readFileSync } from 'node:fs';
import { type Dataset, type Model, Tensor } from '@espalier/core';
import { readOnnx } from '@espalier/onnx';

const shared = new URL('../../../../../shared/', import.meta.url);
const mean = [0.485, 0.456, 0.406];
const deviation = [0.229, 0.224, 0.225];

/** ResNet-20 as it was trained, in float32. */
export async function resnet20(): Promise<Model> {
  const file = new URL('models/resnet20-cifar10.onnx', shared);
  if (!existsSync(file))
    throw new Error('ResNet-20 and CIFAR-10 are expected in ../shared, beside the repository.');
  return readOnnx(new Uint8Array(readFileSync(file)));
}

/**
 * Images of CIFAR-10 as ResNet-20 wants them: float32 [n, 3, 32, 32], normalized a batch at a time.
 *
 * @param limit - the first so many
 */
export function cifar(part: 'calib' | 'test', limit = 2000): Dataset {
  const pixels = readNpy(`data/cifar10/${part}-images.npy`);
  const labels = readNpy(`data/cifar10/${part}-labels.npy`).subarray(0, limit);
  return {
    name: `CIFAR-10 ${part}`,
    count: labels.length,
    labelled: true,
    async *batches(batchSize, most = labels.length) {
      const end = Math.min(most, labels.length);
      for (let start = 0; start < end; start += batchSize) {
        const count = Math.min(batchSize, end - start);
        const input = new Tensor('float32', normalized(pixels, start, count), [count, 3, 32, 32]);
        yield { feeds: { input }, count, labels: Int32Array.from(labels.subarray(start, start + count)) };
      }
    },
  };
}

/** Bytes [n, 32, 32, 3] to reals [n, 3, 32, 32]. */
function normalized(pixels: Uint8Array, start: number, count: number): Float32Array {
  const out = new Float32Array(count * 3 * 1024);
  for (let image = 0; image < count; image++) {
    for (let pixel = 0; pixel < 1024; pixel++) {
      for (let c = 0; c < 3; c++) {
        const value = (pixels[((start + image) * 1024 + pixel) * 3 + c] ?? 0) / 255;
        out[(image * 3 + c) * 1024 + pixel] = (value - (mean[c] ?? 0)) / (deviation[c] ?? 1);
      }
    }
  }
  return out;
}

/** The bytes of an .npy file of version 1.0: its header says its own length. */
function readNpy(path: string): Uint8Array {
  const bytes = new Uint8Array(readFileSync(new URL(path, shared)));
  const headerLength = (bytes[8] ?? 0) | ((bytes[9] ?? 0) << 8);
  return bytes.subarray(10 + headerLength);
}
