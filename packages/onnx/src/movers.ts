/** Operators that move or choose elements: the same of codes as of the reals that these stand for. */
export const movers: ReadonlySet<string> = new Set([
  'DepthToSpace',
  'Flatten',
  'Identity',
  'MaxPool',
  'Reshape',
  'Slice',
  'SpaceToDepth',
  'Squeeze',
  'Transpose',
  'Unsqueeze',
]);
