/** Shared weights: y[i] = centroids[index[i]]. index: n uint16. */
export function fromClustersF32(n: i32, index: usize, centroids: usize, y: usize): void {
  assert(n >= 0);
  for (let i = 0; i < n; i++) {
    store<f32>(y + (i << 2), load<f32>(centroids + (<usize>load<u16>(index + (i << 1)) << 2)));
  }
}

/**
 * The gradient of each centroid: the sum of the gradients of its weights, in their order. index: n uint16, below
 * `clusters`. Every address is computed, so there is no vector form.
 *
 * @see Han et al. 2016, "Deep Compression" (arXiv:1510.00149), equation 3
 */
export function clusterSumF32(n: i32, index: usize, dw: usize, clusters: i32, sums: usize): void {
  assert(n >= 0 && clusters >= 0 && clusters <= 65536);
  for (let c = 0; c < clusters; c++) store<f32>(sums + (c << 2), 0);
  for (let i = 0; i < n; i++) {
    const sum = sums + (<usize>load<u16>(index + (i << 1)) << 2);
    store<f32>(sum, load<f32>(sum) + load<f32>(dw + (i << 2)));
  }
}
