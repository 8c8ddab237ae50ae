export { tfliteFormat } from './format.js';
export { readTflite, type TfliteReadOptions } from './read-tflite.js';
