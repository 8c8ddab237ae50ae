/** How the axes of a tensor change places: 17 int32 in this order, made by `permuteWords` in src/permute.ts. */
@unmanaged
export class PermutePlan {
  /** The outer axes in the order of y: sizes, then bytes from one to the next in x, then in y. */
  size0: i32;
  size1: i32;
  size2: i32;
  size3: i32;
  xStride0: i32;
  xStride1: i32;
  xStride2: i32;
  xStride3: i32;
  yStride0: i32;
  yStride1: i32;
  yStride2: i32;
  yStride3: i32;
  /** A matrix: its rows, xRowStride bytes apart in x, and elements in each. */
  rows: i32;
  columns: i32;
  xRowStride: i32;
  /** Bytes from one row of what the matrix becomes to the next. */
  yRowStride: i32;
  /** 0: rows of `columns` bytes stay rows; 1 or 4: the matrix of elements of so many bytes is transposed. */
  transposedBytes: i32;
}
