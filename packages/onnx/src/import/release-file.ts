import { dense, type Encoding, type Graph, mapEncoding, Tensor, walkEncoding } from '@espalier/core';

/**
 * Lets go of the file where little of it is still in use. A tensor that lies at an odd offset had to be
 * copied; the others are views, and one view keeps the whole file in memory. Where the views are less
 * than half of it, they are copied out too: 244 MB of AlexNet then take 244 MB, not twice that.
 */
export function releaseFile(graph: Graph, file: Uint8Array): void {
  const isView = (part: Encoding): boolean => part.kind === 'dense' && part.payload().buffer === file.buffer;
  let viewed = 0;
  for (const { constant } of graph.constants) {
    if (constant === null) continue;
    for (const { encoding } of walkEncoding(constant)) if (isView(encoding)) viewed += encoding.byteLength;
  }
  if (viewed * 2 > file.byteLength) return;
  for (const value of graph.constants) {
    if (value.constant === null) continue;
    const own = mapEncoding(value.constant, (part) => (isView(part) ? copied(part) : part));
    if (own !== value.constant) graph.replaceConstant(value, own);
  }
}

function copied(leaf: Encoding): Encoding {
  const { type, data, dims } = leaf.decode();
  return dense(new Tensor(type, data.slice(), dims));
}
