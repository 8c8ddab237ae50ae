export { type QuantizeOptions, quantizeOptions } from './options.js';
export { quantize } from './plugin.js';
