/** Floats of gathered inputs that stay in the second-level cache beside a copy of them. */
const BLOCK_FLOATS: i32 = 65536;

/** Output pixels of a block: part of what is computed, since the sums of blocks are added. */
@inline
export function gradientBlock(columns: i32): i32 {
  return max(16, min(256, (BLOCK_FLOATS / columns) & ~3));
}
