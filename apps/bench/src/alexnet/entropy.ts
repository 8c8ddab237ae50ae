import { type Encoding, type Model, walkEncoding } from '@espalier/core';

/** What the weights of a model hold, by what a coder could do about it. */
export interface StreamEntropy {
  /** Zeroth-order entropy of all streams of bytes (indices, gaps, codes), rounded up to bytes for each. */
  readonly entropyBytes: number;
  /** Bytes these streams take in the model. */
  readonly codedBytes: number;
  /** Bytes of all else: centroids, biases, parameters. */
  readonly otherBytes: number;
}

/** The entropy of the streams under all constants of a model. */
export function streamEntropy(model: Model): StreamEntropy {
  let entropyBytes = 0;
  let codedBytes = 0;
  let totalBytes = 0;
  for (const { constant } of model.graph.constants) {
    if (constant === null) continue;
    totalBytes += constant.byteLength;
    for (const { encoding } of walkEncoding(constant)) {
      if (!isByteStream(encoding)) continue;
      entropyBytes += Math.ceil(entropyBits(encoding.decode().data as Uint8Array) / 8);
      codedBytes += encoding.byteLength;
    }
  }
  return { entropyBytes, codedBytes, otherBytes: totalBytes - codedBytes };
}

function isByteStream(encoding: Encoding): boolean {
  const isLeaf = Object.keys(encoding.children).length === 0;
  return isLeaf && (encoding.type === 'uint8' || encoding.type === 'int8');
}

/** Shannon's bound for a coder that knows the frequency of each symbol and nothing else. */
function entropyBits(symbols: Uint8Array | Int8Array): number {
  const counts = new Float64Array(256);
  for (let i = 0; i < symbols.length; i++)
    counts[(symbols[i] ?? 0) & 255] = (counts[(symbols[i] ?? 0) & 255] ?? 0) + 1;
  let bits = 0;
  for (const count of counts) if (count > 0) bits -= count * Math.log2(count / symbols.length);
  return bits;
}
