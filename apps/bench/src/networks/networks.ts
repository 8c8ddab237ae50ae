import { type Model, macCount } from '@espalier/core';
import { mobileNetV1, mobileNetV2 } from './mobilenet.js';
import { resNet8, resNet18 } from './resnet.js';
import { squeezeNet11 } from './squeezenet.js';
import { dsCnn, leNet5, leNet300 } from './tiny.js';

/** Networks of one group have the same ratios to reach. */
export type NetworkGroup = 'large' | 'small' | 'lenet';

export interface Network {
  /** What the command line and the tables call it. */
  readonly name: string;
  readonly title: string;
  readonly group: NetworkGroup;
  /** Builds it in float32, with the same weights each time. */
  make(): Model;
}

function network(name: string, title: string, group: NetworkGroup, make: (name: string) => Model): Network {
  return { name, title, group, make: () => make(name) };
}

/** The nine networks that every engine is measured on, large ones first. */
export const networks: readonly Network[] = [
  network('mobilenet-v1', 'MobileNetV1 1.0 224', 'large', (name) =>
    mobileNetV1({ name, size: 224, width: 1, classes: 1000, activation: 'relu6' }),
  ),
  network('mobilenet-v2', 'MobileNetV2 1.0 224', 'large', mobileNetV2),
  network('squeezenet-1.1', 'SqueezeNet 1.1 224', 'large', squeezeNet11),
  network('resnet-18', 'ResNet-18 224', 'large', resNet18),
  network('resnet-8', 'ResNet-8 32', 'small', resNet8),
  network('ds-cnn', 'DS-CNN', 'small', dsCnn),
  network('mobilenet-v1-0.25', 'MobileNetV1-0.25 96', 'small', (name) =>
    mobileNetV1({ name, size: 96, width: 0.25, classes: 2, activation: 'relu' }),
  ),
  network('lenet-300-100', 'LeNet-300-100', 'lenet', leNet300),
  network('lenet-5', 'LeNet-5 Caffe', 'lenet', leNet5),
];

/**
 * The networks that words name: each word a whole name, or the start of some.
 *
 * @returns the networks in the table's order; all where no word is given
 * @throws {RangeError} when a word names none
 */
export function findNetworks(words: readonly string[]): readonly Network[] {
  if (words.length === 0) return networks;
  const chosen = new Set(
    words.flatMap((word) => {
      const exact = networks.filter(({ name }) => name === word);
      const found = exact.length > 0 ? exact : networks.filter(({ name }) => name.startsWith(word));
      if (found.length > 0) return found;
      throw new RangeError(
        `There is no network "${word}". There are ${networks.map(({ name }) => name).join(', ')}.`,
      );
    }),
  );
  return networks.filter((one) => chosen.has(one));
}

/** Multiply-accumulates of one run. */
export function networkMacs(model: Model): number {
  return model.graph.nodes.reduce((sum, node) => sum + (macCount(node) ?? 0), 0);
}
