import { existsSync, readFileSync } from 'node:fs';
import { Compressor, type Model, readModel } from '@espalier/core';
import { readOnnx } from '@espalier/onnx';
import { deepCompressionFormat } from '@espalier/plugin-deep-compression-format';

const models = new URL('../../../../../shared/models/', import.meta.url);

/** The bytes of a file in ../shared, beside the repository; null where it is not there. */
function sharedFile(name: string): Uint8Array | null {
  const file = new URL(name, models);
  return existsSync(file) ? new Uint8Array(readFileSync(file)) : null;
}

/** ResNet-20 for CIFAR-10, float32; null where its file is not there. */
export async function resNet20(): Promise<Model | null> {
  const bytes = sharedFile('resnet20-cifar10.onnx');
  return bytes && readOnnx(bytes);
}

/**
 * SqueezeNet v1.0 as the authors of Deep Compression pruned and shared it; null where its file is not there. 1,244,448 weights
 * of which 415,921 are kept, 8-bit codebooks.
 */
export async function deepCompressionSqueezeNet(): Promise<Model | null> {
  const bytes = sharedFile('squeezenet-deep-compression/compressed_SqueezeNet.net');
  const { container } = new Compressor({ plugins: [deepCompressionFormat] });
  return bytes && readModel(container, bytes);
}
