import {
  DataError,
  type DataType,
  dataTypes,
  type Feeds,
  type Model,
  Tensor,
  type TensorData,
  type Value,
} from '@espalier/core';

/** Anything in the shape of a tensor: core's, or onnxruntime-common's. */
export interface TensorLike {
  readonly type: string;
  readonly dims: readonly number[];
  readonly data: unknown;
}

/**
 * The tensors to run a model with, checked against what it declares.
 *
 * @throws {DataError} when one is missing, unknown, or has a type or shape that does not fit
 */
export function checkFeeds(model: Model, feeds: Readonly<Record<string, TensorLike>>): Feeds {
  const { inputs } = model.graph;
  const known = new Set(inputs.map((value) => value.name));
  for (const name of Object.keys(feeds)) {
    if (known.has(name)) continue;
    throw new DataError({
      what: `The model has no input "${name}".`,
      fix: `Its inputs are ${inputs.map((value) => `"${value.name}"`).join(', ') || 'none'}.`,
    });
  }
  const sizes = new Map<string, number>();
  return Object.fromEntries(inputs.map((value) => [value.name, checkFeed(value, feeds[value.name], sizes)]));
}

function checkFeed(value: Value, feed: TensorLike | undefined, sizes: Map<string, number>): Tensor {
  if (feed === undefined) {
    throw new DataError({
      what: `The input "${value.name}" is not fed.`,
      fix: 'Pass a tensor under that name.',
    });
  }
  const tensor = toTensor(value.name, feed);
  const declared = value.type?.dims;
  const typeFits = value.type == null || value.type.dtype === tensor.type;
  const shapeFits =
    declared == null ||
    (declared.length === tensor.dims.length &&
      declared.every((dim, i) => dimFits(dim, tensor.dims[i] ?? 0, sizes)));
  if (typeFits && shapeFits) return tensor;
  throw new DataError({
    what: `The input "${value.name}" is ${value.type?.dtype}[${declared?.join(', ') ?? '...'}], it was fed ${tensor.type}[${tensor.dims.join(', ')}].`,
    fix: 'Feed a tensor of the declared type and shape.',
  });
}

/** A named size is the same wherever its name stands. */
function dimFits(dim: number | string, size: number, sizes: Map<string, number>): boolean {
  if (typeof dim === 'number') return dim === size;
  if (dim === '?' || dim === '') return true;
  const known = sizes.get(dim);
  if (known === undefined) sizes.set(dim, size);
  return known === undefined || known === size;
}

function toTensor(name: string, feed: TensorLike): Tensor {
  if (feed instanceof Tensor) return feed;
  const type = dataTypes.find((known): known is DataType => known === feed.type);
  if (type === undefined || !ArrayBuffer.isView(feed.data)) {
    throw new DataError({
      what: `The input "${name}" was fed a tensor of type ${feed.type} that is not a typed array here.`,
      fix: `Feed a typed array of one of ${dataTypes.join(', ')}.`,
    });
  }
  // The constructor refuses an array of another kind than the type asks for.
  return new Tensor(type, bitsOf(feed.data) as unknown as TensorData, feed.dims);
}

/** Float16Array, which newer engines and onnxruntime-common have there, as the bits that we hold; others as they are. */
function bitsOf(data: ArrayBufferView): ArrayBufferView {
  if (Object.prototype.toString.call(data) !== '[object Float16Array]') return data;
  return new Uint16Array(data.buffer, data.byteOffset, data.byteLength / 2);
}
