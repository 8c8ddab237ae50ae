/**
 * Which channel each element of a row-major weight belongs to: elements come in runs of `inner`, and
 * run number i belongs to `channelOf[i % channelOf.length]`.
 */
export interface ChannelMap {
  readonly inner: number;
  readonly channelOf: Int32Array;
}

function product(dims: readonly number[]): number {
  return dims.reduce((total, dim) => total * dim, 1);
}

function counting(length: number): Int32Array {
  return Int32Array.from({ length }, (_, i) => i);
}

/** Slices along `axis` are the channels. */
export function alongAxis(dims: readonly number[], axis: number): ChannelMap {
  return { inner: product(dims.slice(axis + 1)), channelOf: counting(dims[axis] ?? 0) };
}

/** The input channels of Conv weights, [outputs, inputs / groups, ...kernel]. */
export function convInputs(dims: readonly number[], groups: number): ChannelMap {
  const [outputs = 0, perGroup = 0] = dims;
  return { inner: product(dims.slice(2)), channelOf: groupedChannels(outputs, perGroup, groups) };
}

/** The output channels of ConvTranspose weights, [inputs, outputs / groups, ...kernel]. */
export function convTransposeOutputs(dims: readonly number[], groups: number): ChannelMap {
  const [inputs = 0, perGroup = 0] = dims;
  if (groups === 1) return alongAxis(dims, 1);
  return { inner: product(dims.slice(2)), channelOf: groupedChannels(inputs, perGroup, groups) };
}

/** Channels of `rows` rows of `perGroup` each. Plain loops: it has a million entries, and is made for each layer that is read. */
function groupedChannels(rows: number, perGroup: number, groups: number): Int32Array {
  const channelOf = new Int32Array(rows * perGroup);
  for (let row = 0, at = 0; row < rows; row++) {
    const first = Math.floor(row / (rows / groups)) * perGroup;
    for (let i = 0; i < perGroup; i++) channelOf[at++] = first + i;
  }
  return channelOf;
}

/** The axis whose slices are the channels, or null where channels are spread otherwise. */
export function axisOf(dims: readonly number[], map: ChannelMap): number | null {
  const isIdentity = map.channelOf.every((channel, i) => channel === i);
  const axis = dims.findIndex(
    (dim, i) => dim === map.channelOf.length && product(dims.slice(i + 1)) === map.inner,
  );
  return isIdentity && axis >= 0 ? axis : null;
}

/** The channel of the element with this flat index. */
export function channelAt({ inner, channelOf }: ChannelMap, index: number): number {
  return channelOf[Math.floor(index / inner) % channelOf.length] ?? 0; // the index is in range
}
