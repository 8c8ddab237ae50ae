/**
 * How many times smaller shared weights are than plain ones, codebook included and framing aside:
 * n b / (n log2(k) + k b).
 *
 * @param count - n, the number of weights
 * @param clusters - k, the number of centroids
 * @param bits - b, the bits of one plain weight
 * @see Deep Compression (arXiv:1510.00149), equation 1
 */
export function compressionRate(count: number, clusters: number, bits: number = 32): number {
  return (count * bits) / (count * Math.log2(clusters) + clusters * bits);
}
