import {
  CodebookEncoding,
  describeEncoding,
  type Encoding,
  elementCount,
  toBytes,
  toNumbers,
  type Weight,
  walkEncoding,
} from '@espalier/core';
import { codeLengths, HuffmanEncoding } from '@espalier/plugin-huffman';
import type { CodeView, WeightDetail, WeightView } from './api.js';
import { shadeOf } from './shades.js';

const BINS = 96;

/** A weight in one line. */
export function viewWeight({ name, op, encoding }: Weight): WeightView {
  return {
    name,
    op,
    dims: encoding.dims,
    elements: elementCount(encoding.dims),
    bytes: encoding.byteLength,
    encoding: describeEncoding(encoding),
  };
}

/** A weight looked into: decoded, counted, and its codes read. */
export function lookInto(weight: Weight): WeightDetail {
  const values = toNumbers(weight.decode());
  return {
    ...viewWeight(weight),
    ...countValues(values),
    centroids: centroidsOf(weight.encoding),
    codes: codesOf(weight.encoding),
    picture: pictureOf(values, weight.encoding.dims),
  };
}

/** Pictures of more weights than this would be larger than any screen. */
const MOST_PIXELS = 2 ** 20;

function pictureOf(values: ArrayLike<number>, dims: readonly number[]): Uint8Array<ArrayBuffer> | null {
  if (dims.length !== 2 || values.length > MOST_PIXELS) return null;
  let largest = 0;
  for (let i = 0; i < values.length; i++) largest = Math.max(largest, Math.abs(values[i]!)); // i < length
  return Uint8Array.from({ length: values.length }, (_, i) => shadeOf(values[i]!, largest)); // likewise
}

/** Bins of what is not zero: where most is pruned, the zeros would flatten everything else. */
function countValues(values: ArrayLike<number>): Pick<WeightDetail, 'bins' | 'least' | 'most' | 'density'> {
  let [least, most, kept] = [Infinity, -Infinity, 0];
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!; // i < length
    if (value !== 0) kept++;
    if (!Number.isFinite(value)) continue;
    if (value < least) least = value;
    if (value > most) most = value;
  }
  if (least > most) [least, most] = [-1, 1];
  else if (least === most) [least, most] = [least - 1, most + 1];
  const bins = new Array<number>(BINS).fill(0);
  const scale = BINS / (most - least);
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!; // i < length
    if (value === 0 || !Number.isFinite(value)) continue;
    bins[Math.min(BINS - 1, Math.floor((value - least) * scale))]!++; // a finite value is in range
  }
  return { bins, least, most, density: values.length === 0 ? 1 : kept / values.length };
}

/** Of a whole tensor; none where every channel has its own, which no picture could show. */
function centroidsOf(tree: Encoding): readonly number[] {
  for (const { encoding } of walkEncoding(tree)) {
    if (encoding instanceof CodebookEncoding && encoding.axis === null)
      return Array.from(toNumbers(encoding.children.centroids.decode()));
  }
  return [];
}

function codesOf(tree: Encoding): readonly CodeView[] {
  const codes: CodeView[] = [];
  for (const { encoding, path } of walkEncoding(tree)) {
    if (!(encoding instanceof HuffmanEncoding)) continue;
    const lengths = codeLengths(encoding);
    const counts = new Array<number>(256).fill(0);
    for (const symbol of toBytes(encoding.decode().data)) counts[symbol]!++; // a byte
    const symbols = Array.from(lengths, (bits, symbol) => ({ symbol, bits, count: counts[symbol] ?? 0 }));
    codes.push({
      slot: path.at(-1) ?? 'codes',
      symbols: symbols.filter(({ bits }) => bits > 0),
      bytes: encoding.byteLength,
    });
  }
  return codes;
}
