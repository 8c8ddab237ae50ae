import type { Tensor } from '@espalier/core';
import { runFixtures } from '@espalier/plugin-kit';
import { type CodedType, huffman, huffmanCoded } from '../src/index.js';

runFixtures(new URL('./fixtures/', import.meta.url), huffman, {
  leaves: { huffman: (tensor) => huffmanCoded(tensor as Tensor<CodedType>) },
});
