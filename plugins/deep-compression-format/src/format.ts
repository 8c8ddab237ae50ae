import type { Format, Model, ReadOptions } from '@espalier/core';
import { Layout } from './layout.js';
import { readLayer } from './read-layer.js';
import { squeezeNet, squeezeNetLayers } from './squeezenet.js';

/**
 * The files `*.net` of Deep Compression. They hold no magic number, no names and no shapes: a file is one of a network if its
 * length is what the entry counts at its start make of that network's layers.
 */
export const format: Format = {
  name: 'deep-compression',
  extensions: ['.net'],
  detect: (bytes) => Layout.of(bytes, squeezeNetLayers)?.byteLength === bytes.length,
  read,
};

/** @throws {FormatError} when the bytes are cut, go on, or contradict themselves */
function read(bytes: Uint8Array, { name }: ReadOptions = {}): Model {
  const layout = Layout.require(bytes, squeezeNetLayers, name);
  return squeezeNet((index) => readLayer(bytes, layout.layers[index]!, name));
}
