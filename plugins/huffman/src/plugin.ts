import { definePassPlugin, ENCODING, PASS, type PassPlugin } from '@espalier/core';
import { huffmanKind } from './huffman-encoding.js';
import { HUFFMAN, HuffmanPass } from './huffman-pass.js';
import { type HuffmanOptions, huffmanOptions } from './options.js';

/** Huffman coding. `plugins: [huffman]` installs pass and encoding, `huffman()` is one step. */
export const huffman: PassPlugin<HuffmanOptions> = definePassPlugin({
  id: HUFFMAN,
  about: 'Codes indices, gaps and int8 codes with canonical Huffman codes.',
  options: huffmanOptions,
  register(container) {
    container.register(PASS, { useFactory: () => new HuffmanPass() });
    container.register(ENCODING, { useValue: huffmanKind });
  },
});
