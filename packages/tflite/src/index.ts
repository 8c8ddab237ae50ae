export { tfliteFormat } from './format.js';
export { readTflite, type TfliteReadOptions } from './read-tflite.js';
export { writeTflite } from './write-tflite.js';
