import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Dataset, type Model, Tensor } from '@espalier/core';
import { readOnnx } from '@espalier/onnx';
import { type CifarName, cifarDataset, imageBytes, requireShared, shared } from '../cifar.js';

/** ResNet-20 as it came. */
export const resnet20File: string = join(shared, 'models/resnet20-cifar10.onnx');

const mean = [0.485, 0.456, 0.406];
const deviation = [0.229, 0.224, 0.225];

/** How the command makes pixels into what ResNet-20 was trained on. */
export const pixelFlags: readonly string[] = [
  ...['--layout', 'nhwc', '--mean', mean.join(), '--std', deviation.join()],
];

/** @throws {Error} where the model and its data are not there */
export function requireResNet20(): void {
  requireShared(resnet20File);
}

/** The network in float32. */
export async function resnet20(): Promise<Model> {
  requireResNet20();
  return readOnnx(new Uint8Array(readFileSync(resnet20File)));
}

/** The first so many images of a part, float32 [n, 3, 32, 32], normalized. */
export function resnet20Images(part: CifarName, limit: number = Infinity): Dataset {
  return cifarDataset(part, 'input', normalized, [0, limit]);
}

/** Bytes [n, 32, 32, 3] to reals [n, 3, 32, 32]. */
function normalized(pixels: Uint8Array, count: number): Tensor {
  const out = new Float32Array(count * imageBytes);
  for (let image = 0; image < count; image++) {
    for (let pixel = 0; pixel < 1024; pixel++) {
      for (let c = 0; c < 3; c++) {
        const value = (pixels[(image * 1024 + pixel) * 3 + c] ?? 0) / 255;
        out[(image * 3 + c) * 1024 + pixel] = (value - (mean[c] ?? 0)) / (deviation[c] ?? 1);
      }
    }
  }
  return new Tensor('float32', out, [count, 3, 32, 32]);
}
