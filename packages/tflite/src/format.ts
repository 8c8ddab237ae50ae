import type { Format } from '@espalier/core';
import { hasIdentifier } from './flat/identifier.js';
import { writeTflite } from './write-tflite.js';

/** The format `.tflite`, for a registry. What reads it is loaded when the first file is read. */
export const tfliteFormat: Format = {
  name: 'tflite',
  extensions: ['.tflite'],
  detect: hasIdentifier,
  async read(bytes, options) {
    const { readTflite } = await import('./read-tflite.js');
    return readTflite(bytes, options);
  },
  write: writeTflite,
};
