import { writeEspalier } from '@espalier/container';
import { Compressor, type Model } from '@espalier/core';
import { prune } from '@espalier/plugin-prune';
import type { NumberType } from '../measure/contestants.js';
import { dimsOf, NetworkBuilder, product } from '../networks/network-builder.js';
import { networkMacs } from '../networks/networks.js';
import { referenceAnswer } from '../networks/reference.js';
import { seededInput } from './input.js';
import { quantizedModel } from './quantized.js';

/** A single layer, to see a kernel by itself. */
export interface LayerModel {
  readonly name: string;
  readonly type: NumberType;
  /** Fraction of the weights kept. */
  readonly density: number;
  /** Of all weights, kept or not. */
  readonly macs: number;
  readonly dims: readonly number[];
  readonly input: Float32Array;
  readonly reference: Float32Array;
  readonly file: Uint8Array;
}

const PRUNED_DENSITY = 0.1;

const makers: Readonly<Record<string, (name: string) => Model>> = {
  'product of 512 x 512 matrices': (name) => {
    const net = new NetworkBuilder(name, [512], 512);
    return net.finish(net.connected(net.input, 512));
  },
  'pointwise 28 x 28, 256 to 512': (name) => {
    const net = new NetworkBuilder(name, [256, 28, 28]);
    return net.finish(net.conv(net.input, 512, { kernel: 1, activation: 'none' }));
  },
  'fully connected 1024 to 1000': (name) => {
    const net = new NetworkBuilder(name, [1024]);
    return net.finish(net.connected(net.input, 1000));
  },
};

/** The product of matrices, which is compared with the machine's peak. */
export const productName = 'product of 512 x 512 matrices';

/** Every layer in float32 and int8; those of networks once more with a tenth of their weights. */
export async function makeLayerModels(): Promise<readonly LayerModel[]> {
  const models: LayerModel[] = [];
  for (const [name, make] of Object.entries(makers)) {
    for (const density of name === productName ? [1] : [1, PRUNED_DENSITY]) {
      const float = density === 1 ? make(name) : await pruned(make(name), density);
      const dims = dimsOf(float.graph.inputs[0]);
      const input = seededInput(name, product(dims));
      const reference = referenceAnswer(float, input);
      const shared = { name, density, macs: networkMacs(float), dims, input, reference };
      const int8 = await quantizedModel(float);
      models.push({ ...shared, type: 'float32', file: writeEspalier(float) });
      models.push({ ...shared, type: 'int8', file: writeEspalier(int8) });
    }
  }
  return models;
}

async function pruned(model: Model, density: number): Promise<Model> {
  const compressor = new Compressor({ plugins: [prune] });
  return (await compressor.run(model, [prune({ density })], { seed: 1 })).model;
}
