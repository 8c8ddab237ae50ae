import { existsSync, readFileSync } from 'node:fs';

const shared = new URL('../../../../../shared/', import.meta.url);
const modelFile = new URL('models/resnet20-cifar10.onnx', shared);

/** Whether the model and images are beside the repository; says so where they are not. */
export const cifarIsThere: boolean = existsSync(modelFile);
if (!cifarIsThere) console.log('skipped: shared/models and shared/data are not beside the repository');

export function resnetBytes(): Uint8Array {
  return new Uint8Array(readFileSync(modelFile));
}

export interface Images {
  readonly count: number;
  readonly labels: Uint8Array;
  /** Images from `start`, as the network wants them: [n, 3, 32, 32], normalized. */
  batch(start: number, n: number): Float32Array;
}

const mean = [0.485, 0.456, 0.406];
const deviation = [0.229, 0.224, 0.225];

export function cifarImages(name: 'test' | 'calib'): Images {
  const pixels = readNpy(`data/cifar10/${name}-images.npy`);
  const labels = readNpy(`data/cifar10/${name}-labels.npy`);
  return {
    count: labels.length,
    labels,
    batch(start, n) {
      const out = new Float32Array(n * 3 * 1024);
      for (let image = 0; image < n; image++) {
        for (let pixel = 0; pixel < 1024; pixel++) {
          for (let c = 0; c < 3; c++) {
            const value = (pixels[((start + image) * 1024 + pixel) * 3 + c] ?? 0) / 255;
            out[(image * 3 + c) * 1024 + pixel] = (value - (mean[c] ?? 0)) / (deviation[c] ?? 1);
          }
        }
      }
      return out;
    },
  };
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
