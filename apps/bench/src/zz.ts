export { InferenceSession } from '@espalier/runtime';
export { Tensor, coreEncodings } from '@espalier/core';
export { readEspalier, writeEspalier } from '@espalier/container';
export { findNetworks, networkMacs } from './networks/networks.js';
export { quantizedModel } from './models/quantized.js';
export { seededInput } from './models/input.js';
export { dimsOf, product } from './networks/network-builder.js';
