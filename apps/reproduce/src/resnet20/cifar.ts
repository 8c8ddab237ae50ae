import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const shared = fileURLToPath(new URL('../../../../../shared/', import.meta.url));

/** ResNet-20 as it came. */
export const resnet20File: string = join(shared, 'models/resnet20-cifar10.onnx');

/** A file of CIFAR-10, such as `test-images.npy`. */
export function cifarFile(name: string): string {
  return join(shared, 'data/cifar10', name);
}

/** How pixels become what ResNet-20 was trained on. */
export const pixelFlags: readonly string[] = [
  '--layout',
  'nhwc',
  '--mean',
  '0.485,0.456,0.406',
  '--std',
  '0.229,0.224,0.225',
];

/** @throws {Error} where the model and its data are not there */
export function requireResNet20(): void {
  if (existsSync(resnet20File)) return;
  throw new Error('ResNet-20 and CIFAR-10 are expected in ../shared, beside the repository.');
}
