import type { Model, Value } from '@espalier/core';
import { dimsOf, NetworkBuilder } from './network-builder.js';

/** Two 3 x 3 convolutions and the way around them, 1 x 1 where the shape changes. */
function block(net: NetworkBuilder, x: Value, channels: number, stride: number): Value {
  const first = net.conv(x, channels, { kernel: 3, stride });
  const second = net.conv(first, channels, { kernel: 3, activation: 'none' });
  const changes = stride !== 1 || dimsOf(x)[1] !== channels;
  const around = changes ? net.conv(x, channels, { kernel: 1, stride, activation: 'none' }) : x;
  return net.add(second, around, 'relu');
}

/** He et al. 2015 (arXiv:1512.03385), table 1. */
export function resNet18(name: string): Model {
  const net = new NetworkBuilder(name, [3, 224, 224]);
  let x = net.maxPool(net.conv(net.input, 64, { kernel: 7, stride: 2 }), 3, 2, 'same');
  for (const channels of [64, 128, 256, 512]) {
    x = block(net, block(net, x, channels, channels === 64 ? 1 : 2), channels, 1);
  }
  return net.finish(net.connected(net.globalAverage(x), 1000));
}

/** Image classification of MLPerf Tiny v0.5 (Banbury et al. 2021, arXiv:2106.07597). */
export function resNet8(name: string): Model {
  const net = new NetworkBuilder(name, [3, 32, 32]);
  let x = net.conv(net.input, 16, { kernel: 3 });
  for (const channels of [16, 32, 64]) x = block(net, x, channels, channels === 16 ? 1 : 2);
  return net.finish(net.connected(net.globalAverage(x), 10));
}
