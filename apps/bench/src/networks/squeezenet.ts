import type { Model, Value } from '@espalier/core';
import { NetworkBuilder } from './network-builder.js';

function fire(net: NetworkBuilder, x: Value, squeezed: number, expanded: number): Value {
  const narrow = net.conv(x, squeezed, { kernel: 1 });
  return net.concat(net.conv(narrow, expanded, { kernel: 1 }), net.conv(narrow, expanded, { kernel: 3 }));
}

/** SqueezeNet v1.1 of Iandola et al. 2016 (arXiv:1602.07360): pools early, 2.4 times less work than v1.0. */
export function squeezeNet11(name: string): Model {
  const net = new NetworkBuilder(name, [3, 224, 224]);
  let x = net.conv(net.input, 64, { kernel: 3, stride: 2, padding: 'valid' });
  x = net.maxPool(x, 3, 2);
  x = fire(net, fire(net, x, 16, 64), 16, 64);
  x = net.maxPool(x, 3, 2);
  x = fire(net, fire(net, x, 32, 128), 32, 128);
  x = net.maxPool(x, 3, 2);
  x = fire(net, fire(net, x, 48, 192), 48, 192);
  x = fire(net, fire(net, x, 64, 256), 64, 256);
  return net.finish(net.globalAverage(net.conv(x, 1000, { kernel: 1 })));
}
