export { codeLengths } from './code-lengths-of.js';
export { type CodedType, HuffmanEncoding, huffmanCoded, huffmanKind } from './huffman-encoding.js';
export { type HuffmanOptions, huffmanOptions } from './options.js';
export { huffman } from './plugin.js';
