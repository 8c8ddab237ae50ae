import {
  affine,
  cast,
  codebook,
  type DataType,
  dense,
  type Encoding,
  elementCount,
  gapsOf,
  packed,
  quantization,
  roundHalfEven,
  sparse,
  Tensor,
  tensorOf,
} from '@espalier/core';
import type { Leaf } from '../contract/encoding/nestings.js';
import { seededValues } from '../seeded-values.js';
import type { Cursor } from './cursor.js';

/** Leaf kinds of plugins by name, for texts that name them. */
export type LeafKinds = Readonly<Record<string, Leaf>>;

/** A tree of encodings as `describeEncoding` prints it: a kind, and its children by slot. */
interface Description {
  readonly kind: string;
  readonly children: ReadonlyMap<string, Description>;
}

/**
 * What stands behind `constant name: type =`: how it is encoded (left out: dense), and the elements as
 * a list or a shorthand. Elements that are left out are zeros.
 */
export function parseConstant(
  cursor: Cursor,
  dtype: DataType,
  dims: readonly number[],
  leaves: LeafKinds = {},
): Encoding {
  const description = startsWithElements(cursor) ? null : parseDescription(cursor);
  const count = elementCount(dims);
  const values = cursor.atEnd ? new Array<number>(count).fill(0) : parseElements(cursor, count);
  if (values.length !== count)
    throw cursor.error(`${values.length} elements do not fill [${dims.join(', ')}]`);
  return encode(cursor, tensorOf(dtype, values, dims), description, leaves);
}

const shorthand = /(?=\[|random\b|fill\b|ramp\b)/y;

function startsWithElements(cursor: Cursor): boolean {
  return cursor.match(shorthand) !== null;
}

/** `[1, 2]`, `random(seed)`, `random(seed, low, high)`, `fill(x)`, `ramp` or `ramp(start, step)`. */
export function parseElements(cursor: Cursor, count: number): number[] {
  const name = cursor.match(/random|fill|ramp/y);
  if (name === null) return cursor.list('[', ']', () => cursor.number());
  const numbers = cursor.match(/(?=\()/y) === null ? [] : cursor.list('(', ')', () => cursor.number());
  const [first = 0, second, third] = numbers;
  if (name === 'random') return seededValues(first, count, second ?? -1, third ?? 1);
  if (name === 'fill') return new Array<number>(count).fill(first);
  return Array.from({ length: count }, (_, i) => first + i * (second ?? 1));
}

function parseDescription(cursor: Cursor): Description {
  const kind = cursor.match(/[a-z][a-z0-9-]*/y);
  if (kind === null) throw cursor.error('an encoding is expected');
  const children = new Map<string, Description>();
  if (cursor.match(/(?=\()/y) !== null) {
    cursor.list('(', ')', () => {
      const slot = cursor.name();
      cursor.expect(':');
      children.set(slot, parseDescription(cursor));
    });
  }
  return { kind, children };
}

type Build = (tensor: Tensor, child: (slot: string, tensor: Tensor) => Encoding) => Encoding;

/** The kinds whose parameters follow from the elements. Others can only be made in code. */
const builders: Readonly<Record<string, Build>> = {
  dense: (tensor) => dense(tensor),
  packed: (tensor) => {
    const codes = tensor.data as Uint8Array; // packed() is only asked for uint8 slots
    const bits = Math.max(1, Math.ceil(Math.log2(Math.max(0, ...codes) + 1)));
    return packed(new Tensor('uint8', codes, tensor.dims), bits);
  },
  sparse: (tensor, child) => {
    const all = Array.from(tensor.data as Float32Array);
    const positions = Uint32Array.from(all.keys()).filter((i) => all[i] !== 0);
    const kept = Array.from(positions, (i) => all[i] ?? 0);
    const gaps = gapsOf(positions, all.length, 255);
    const values = child('values', tensorOf(tensor.type, kept));
    return sparse(child('gaps', new Tensor('uint8', gaps)), values, tensor.dims, 255);
  },
  codebook: (tensor, child) => {
    const values = Array.from(tensor.data as Float32Array);
    const centroids = [...new Set(values)].sort((a, b) => a - b);
    const indices = tensorOf(
      'uint8',
      values.map((value) => centroids.indexOf(value)),
      tensor.dims,
    );
    return codebook(child('centroids', tensorOf('float32', centroids)), child('indices', indices));
  },
  // One symmetric scale, from the largest magnitude: what is printed of a scale for each slice is the same.
  affine: (tensor, child) => {
    const values = Array.from(tensor.data as Float32Array);
    const scale = Math.max(...values.map(Math.abs)) / 127 || 1;
    const codes = values.map((value) => roundHalfEven(value / scale));
    return affine(child('codes', tensorOf('int8', codes, tensor.dims)), quantization({ scale }));
  },
  cast: (tensor, child) =>
    cast(child('source', tensorOf('float16', Array.from(tensor.data as Float32Array), tensor.dims))),
};

function encode(
  cursor: Cursor,
  tensor: Tensor,
  description: Description | null,
  leaves: LeafKinds,
): Encoding {
  if (description === null || description.kind === tensor.type) return dense(tensor);
  const leaf = leaves[description.kind]?.(tensor);
  if (leaf != null) return leaf;
  const build = builders[description.kind];
  if (build === undefined) {
    throw cursor.error(
      `an encoding "${description.kind}" can't be written as text (${[...Object.keys(builders), ...Object.keys(leaves)].join(', ')} can)`,
    );
  }
  return build(tensor, (slot, part) => encode(cursor, part, description.children.get(slot) ?? null, leaves));
}
