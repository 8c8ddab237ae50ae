export { formatPlugins } from './formats.js';
export { createCompressor, passPlugins, presets } from './presets.js';
export { deepCompression } from './recipes/deep-compression.js';
export { float16 } from './recipes/float16.js';
export { int8 } from './recipes/int8.js';
export { int8Tflite } from './recipes/int8-tflite.js';
export { smallest } from './recipes/smallest.js';
export { recipes, recipesPlugin } from './recipes.js';
export { runtimePlugin } from './runtime.js';
