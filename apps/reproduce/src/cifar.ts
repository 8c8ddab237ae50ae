import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Batch, Dataset, Tensor } from '@espalier/core';

/** What stands beside the repository: models, data and goldens that are not ours. */
export const shared: string = fileURLToPath(new URL('../../../../shared/', import.meta.url));

/** A file of CIFAR-10, such as `test-images.npy`. */
export function cifarFile(name: string): string {
  return join(shared, 'data/cifar10', name);
}

/** @throws {Error} where a model, and so the data, are not there */
export function requireShared(model: string): void {
  if (existsSync(model)) return;
  throw new Error(`"${model}" is expected beside the repository, and CIFAR-10 with it.`);
}

/** Images of CIFAR-10 and their classes. */
export interface CifarPart {
  /** Bytes of RGB, [32, 32, 3] each. */
  readonly pixels: Uint8Array;
  readonly labels: Uint8Array;
}

/** `train` and `calib` are of the training set, and have no image in common. */
export type CifarName = 'train' | 'calib' | 'test';

export function cifarPart(part: CifarName): CifarPart {
  return { pixels: readNpy(`${part}-images.npy`), labels: readNpy(`${part}-labels.npy`) };
}

/** Bytes of one image. */
export const imageBytes: number = 32 * 32 * 3;

/** Makes an input of images that follow each other. */
export type ToInput = (pixels: Uint8Array, count: number) => Tensor;

/**
 * Images from `start` to `end`, as a model wants them, made a batch at a time.
 *
 * @param inputName - of the model
 */
export function cifarDataset(
  part: CifarName,
  inputName: string,
  toInput: ToInput,
  [start, end]: readonly [start: number, end: number] = [0, Infinity],
): Dataset {
  const { pixels, labels: all } = cifarPart(part);
  const labels = all.subarray(start, end);
  return {
    name: `CIFAR-10 ${part}`,
    count: labels.length,
    labelled: true,
    async *batches(batchSize, most = labels.length): AsyncGenerator<Batch> {
      const limit = Math.min(most, labels.length);
      for (let at = 0; at < limit; at += batchSize) {
        const count = Math.min(batchSize, limit - at);
        const bytes = pixels.subarray((start + at) * imageBytes, (start + at + count) * imageBytes);
        yield {
          feeds: { [inputName]: toInput(bytes, count) },
          count,
          labels: Int32Array.from(labels.subarray(at, at + count)),
        };
      }
    },
  };
}

/** The bytes of an .npy file of version 1.0: its header says its own length. */
function readNpy(name: string): Uint8Array {
  const bytes = readFileSync(cifarFile(name));
  return new Uint8Array(bytes.subarray(10 + bytes.readUInt16LE(8)));
}
