import { type CodebookEncoding, codebook, dense, Tensor } from '@espalier/core';

/**
 * The same weights over a codebook whose centroids rise, without those that no weight has: neighbours in the codebook are
 * then neighbours in value, and their indices are alike. Null where it is so already, where a slice has a codebook of
 * its own, or where the indices are not one leaf.
 */
export function sortedCodebook(encoding: CodebookEncoding): CodebookEncoding | null {
  const { centroids, indices } = encoding.children;
  if (encoding.axis !== null || Object.keys(indices.children).length > 0) return null;
  const values = centroids.decode().data as Float32Array; // as `codebook` checked
  const symbols = indices.decode().data as Uint8Array; // likewise
  const used = usedSymbols(symbols);
  const order = used.sort((a, b) => values[a]! - values[b]! || a - b);
  // An index without a centroid is damage, and a NaN has no place in an order: neither is ours to mend.
  if (order.length === 0 || order.some((symbol) => symbol >= values.length || Number.isNaN(values[symbol])))
    return null;
  if (order.length === values.length && order.every((symbol, at) => symbol === at)) return null;
  const places = new Uint8Array(256);
  for (const [at, symbol] of order.entries()) places[symbol] = at;
  const sorted = Float32Array.from(order, (symbol) => values[symbol]!);
  return codebook(
    dense(new Tensor('float32', sorted)),
    dense(
      new Tensor(
        'uint8',
        symbols.map((symbol) => places[symbol]!),
        indices.dims,
      ),
    ),
  );
}

function usedSymbols(symbols: Uint8Array): number[] {
  const seen = new Uint8Array(256);
  for (let i = 0; i < symbols.length; i++) seen[symbols[i]!] = 1;
  return Array.from(seen.keys()).filter((symbol) => seen[symbol] === 1);
}

/** The index of the first centroid above zero. */
export function centreOf({ children }: CodebookEncoding): number {
  const values = children.centroids.decode().data as Float32Array; // as `codebook` checked
  const at = values.findIndex((value) => value > 0);
  return at < 0 ? values.length : at;
}
