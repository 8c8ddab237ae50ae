import type { Model } from '@espalier/core';
import { NetworkBuilder } from './network-builder.js';

/** Keyword spotting of MLPerf Tiny v0.5: 49 frames of 10 coefficients (Zhang et al. 2017, arXiv:1711.07128). */
export function dsCnn(name: string): Model {
  const net = new NetworkBuilder(name, [1, 49, 10]);
  let x = net.conv(net.input, 64, { kernel: [10, 4], stride: 2 });
  for (let i = 0; i < 4; i++) x = net.conv(net.depthwise(x, 1, 'relu'), 64, { kernel: 1 });
  return net.finish(net.connected(net.globalAverage(x), 12));
}

/** LeCun et al. 1998, "Gradient-based learning applied to document recognition", section III.B. */
export function leNet300(name: string): Model {
  const net = new NetworkBuilder(name, [784]);
  const hidden = net.connected(net.connected(net.input, 300, 'relu'), 100, 'relu');
  return net.finish(net.connected(hidden, 10));
}

/** The variant of Caffe's examples: 20 and 50 filters, no activation behind the convolutions. */
export function leNet5(name: string): Model {
  const net = new NetworkBuilder(name, [1, 28, 28]);
  const plain = { kernel: 5, padding: 'valid', activation: 'none' } as const;
  const first = net.maxPool(net.conv(net.input, 20, plain), 2, 2);
  const second = net.maxPool(net.conv(first, 50, plain), 2, 2);
  return net.finish(net.connected(net.connected(net.flatten(second), 500, 'relu'), 10));
}
