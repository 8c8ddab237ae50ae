import { DataError } from '@espalier/core';

/** Pruned weights. */
export interface MaskConstraint {
  /** One for each element, row-major: 0 where it is pruned. */
  readonly mask: Uint8Array;
  /**
   * Whether pruned weights go on being trained behind the mask, so that they may come back: dynamic network surgery (Guo et
   * al. 2016, arXiv:1608.04493). Without it they are zero, and stay so. Default false.
   */
  readonly revivable?: boolean;
}

/** Shared weights: element i is `centroids[indices[i]]`, and the centroids are trained. */
export interface ClusterConstraint {
  /** One for each element, row-major. */
  readonly indices: Uint8Array | Uint16Array;
  readonly centroids: Float32Array;
  /** The index that stands for a pruned weight: its centroid is zero, and stays so. */
  readonly zero?: number;
}

/** What the training of a weight has to respect. */
export type Constraint = MaskConstraint | ClusterConstraint;

/** @throws {DataError} when the constraint does not fit a weight of `size` elements */
export function checkConstraint(name: string, size: number, constraint: Constraint): void {
  const where = `weight "${name}"`;
  const isMask = 'mask' in constraint;
  const { length } = isMask ? constraint.mask : constraint.indices;
  if (length !== size) {
    throw new DataError({
      what: `The ${isMask ? 'mask' : 'list of indices'} has ${length} elements, the weight has ${size}.`,
      where,
      fix: 'Give one for each element, in row-major order.',
    });
  }
  if (isMask) return;
  const { indices, centroids, zero } = constraint;
  let most = zero ?? 0;
  for (const index of indices) if (index > most) most = index;
  if (most < centroids.length) return;
  throw new DataError({
    what: `Index ${most} has no centroid: there are ${centroids.length}.`,
    where,
    fix: 'Give a centroid for each index.',
  });
}
