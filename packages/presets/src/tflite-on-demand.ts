import type { Format } from '@espalier/core';

/** Reads .tflite, by code that is loaded with the first such file: a page that has none does not pay for it. */
export const tfliteOnDemand: Format = {
  name: 'tflite',
  extensions: ['.tflite'],
  // "TFL3": the identifier of the schema, behind the offset of the root table.
  detect: (bytes) => [0x54, 0x46, 0x4c, 0x33].every((byte, i) => bytes[4 + i] === byte),
  async read(bytes, options) {
    const { readTflite } = await import('@espalier/tflite');
    return readTflite(bytes, options);
  },
};
