import type { Model } from '@espalier/core';
import { dimsOf, NetworkBuilder } from './network-builder.js';

interface MobileNetV1Spec {
  readonly name: string;
  readonly size: number;
  /** Factor on the channels of every layer. */
  readonly width: number;
  readonly classes: number;
  readonly activation: 'relu' | 'relu6';
}

/** Channels and stride of each depthwise separable layer. Howard et al. 2017 (arXiv:1704.04861), table 1. */
const separable = [
  [64, 1],
  [128, 2],
  [128, 1],
  [256, 2],
  [256, 1],
  [512, 2],
  [512, 1],
  [512, 1],
  [512, 1],
  [512, 1],
  [512, 1],
  [1024, 2],
  [1024, 1],
] as const;

export function mobileNetV1({ name, size, width, classes, activation }: MobileNetV1Spec): Model {
  const net = new NetworkBuilder(name, [3, size, size]);
  let x = net.conv(net.input, 32 * width, { kernel: 3, stride: 2, activation });
  for (const [channels, stride] of separable) {
    x = net.conv(net.depthwise(x, stride, activation), channels * width, { kernel: 1, activation });
  }
  return net.finish(net.connected(net.globalAverage(x), classes));
}

/** Expansion, channels, repeats, stride of the first. Sandler et al. 2018 (arXiv:1801.04381), table 2. */
const bottlenecks = [
  [1, 16, 1, 1],
  [6, 24, 2, 2],
  [6, 32, 3, 2],
  [6, 64, 4, 2],
  [6, 96, 3, 1],
  [6, 160, 3, 2],
  [6, 320, 1, 1],
] as const;

export function mobileNetV2(name: string): Model {
  const net = new NetworkBuilder(name, [3, 224, 224]);
  const activation = 'relu6';
  let x = net.conv(net.input, 32, { kernel: 3, stride: 2, activation });
  for (const [expansion, channels, repeats, firstStride] of bottlenecks) {
    for (let i = 0; i < repeats; i++) {
      const stride = i === 0 ? firstStride : 1;
      const inputs = dimsOf(x)[1] ?? 0;
      const wide = expansion === 1 ? x : net.conv(x, inputs * expansion, { kernel: 1, activation });
      const narrow = net.conv(net.depthwise(wide, stride, activation), channels, {
        kernel: 1,
        activation: 'none',
      });
      x = stride === 1 && inputs === channels ? net.add(x, narrow, 'none') : narrow;
    }
  }
  x = net.conv(x, 1280, { kernel: 1, activation });
  return net.finish(net.connected(net.globalAverage(x), 1000));
}
