import { existsSync, readFileSync } from 'node:fs';
import { type Dataset, Tensor } from '@espalier/core';

const shared = new URL('../../../../../shared/', import.meta.url);
const modelFile = new URL('models/resnet20-cifar10.onnx', shared);

/** Whether the model and images are beside the repository; says so where they are not. */
export const cifarIsThere: boolean = existsSync(modelFile);
if (!cifarIsThere) console.log('skipped: shared/models and shared/data are not beside the repository');

export function resnetBytes(): Uint8Array {
  return new Uint8Array(readFileSync(modelFile));
}

const mean = [0.485, 0.456, 0.406];
const deviation = [0.229, 0.224, 0.225];

/** A set of images as the network wants them: [n, 3, 32, 32], normalized. */
export function cifar(name: 'test' | 'calib'): Dataset {
  const pixels = readNpy(`data/cifar10/${name}-images.npy`);
  const labels = readNpy(`data/cifar10/${name}-labels.npy`);
  return {
    name: `CIFAR-10 ${name}`,
    count: labels.length,
    labelled: true,
    async *batches(batchSize, limit = labels.length) {
      const end = Math.min(limit, labels.length);
      for (let start = 0; start < end; start += batchSize) {
        const count = Math.min(batchSize, end - start);
        const input = new Tensor('float32', normalized(pixels, start, count), [count, 3, 32, 32]);
        yield { feeds: { input }, count, labels: Int32Array.from(labels.subarray(start, start + count)) };
      }
    },
  };
}

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

/** Index of the largest of each row of ten. */
export function classesOf(logits: Float32Array): number[] {
  return Array.from({ length: logits.length / 10 }, (_, row) => {
    const scores = logits.subarray(row * 10, row * 10 + 10);
    return scores.indexOf(Math.max(...scores));
  });
}
