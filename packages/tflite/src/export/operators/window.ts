import { type Dim, type Node, tensorOf, type Value } from '@espalier/core';
import { channelsLast, reordered } from '../../axes.js';
import type { OperatorWriter } from '../operator-writer.js';
import { tensorType } from '../value-tensors.js';

/** Height before width. */
export type Pair = readonly [height: number, width: number];

/** A window of a node on images, as a file says it: an image that may be padded first, and its own padding. */
export interface WrittenWindow {
  readonly image: number;
  /** 0 is SAME, 1 is VALID. */
  readonly padding: number;
  readonly strideH: number;
  readonly strideW: number;
}

/** What stands around an image where neither SAME nor VALID says it. */
export type Filler = 'zero' | 'lowest' | 'nothing';

/** Attributes of a node that slides a window over images, and how it is padded. */
export function writeWindow(
  writer: OperatorWriter,
  kernel: Pair,
  dilations: Pair,
  filler: Filler,
): WrittenWindow {
  const { node } = writer;
  const x = writer.value(0);
  const [strideH, strideW] = pairOf(writer, 'strides');
  const pads = padsOf(writer, kernel, [strideH, strideW], dilations);
  const image = writer.tensor(x, channelsLast);
  const plain = { strideH, strideW };
  if (node.attributes.int('ceil_mode', 0) !== 0)
    assertWhole(writer, kernel, [strideH, strideW], dilations, pads);
  if (pads === 'SAME') return { ...plain, image, padding: 0 };
  if (pads.every((pad) => pad === 0)) return { ...plain, image, padding: 1 };
  return { ...plain, image: padded(writer, x, image, pads, filler), padding: 1 };
}

export function pairOf({ node, unsupported }: OperatorWriter, name: string, fallback = 1): Pair {
  const [height = fallback, width = fallback, ...others] = node.attributes.ints(name) ?? [];
  if (others.length > 0) throw unsupported(`its ${name} are not those of images`);
  return [height, width];
}

/** The numbers of [top, left, bottom, right], or SAME where they are what it stands for. */
function padsOf(
  writer: OperatorWriter,
  kernel: Pair,
  strides: Pair,
  dilations: Pair,
): readonly number[] | 'SAME' {
  const { attributes } = writer.node;
  const automatic = attributes.string('auto_pad', 'NOTSET');
  if (automatic === 'SAME_UPPER') return 'SAME';
  if (automatic === 'SAME_LOWER') throw writer.unsupported('it pads the odd pixel in front');
  const pads = automatic === 'VALID' ? [0, 0, 0, 0] : (attributes.ints('pads') ?? [0, 0, 0, 0]);
  if (pads.length !== 4 || pads.some((pad) => pad < 0))
    throw writer.unsupported(`it pads by [${pads.join(', ')}]`);
  if (pads.every((pad) => pad === 0)) return pads;
  const sizes = writer.dims(writer.value(0)).slice(2);
  const wanted = [0, 1].map((axis) =>
    samePadding(sizes[axis], (kernel[axis] ?? 1) - 1, strides[axis] ?? 1, dilations[axis] ?? 1),
  );
  const same = [...wanted.map((pad) => pad?.[0]), ...wanted.map((pad) => pad?.[1])];
  return same.every((pad, index) => pad === pads[index]) ? 'SAME' : pads;
}

function samePadding(size: Dim | undefined, steps: number, stride: number, dilation: number): Pair | null {
  if (typeof size !== 'number') return null;
  const total = Math.max(0, (Math.ceil(size / stride) - 1) * stride + steps * dilation + 1 - size);
  const before = Math.floor(total / 2);
  return [before, total - before];
}

/** A file rounds the number of windows down; where the last one fits that is the same. */
function assertWhole(
  writer: OperatorWriter,
  kernel: Pair,
  strides: Pair,
  dilations: Pair,
  pads: readonly number[] | 'SAME',
): void {
  const sizes = writer.dims(writer.value(0)).slice(2);
  for (const axis of [0, 1]) {
    const size = sizes[axis];
    const around = pads === 'SAME' ? 0 : (pads[axis] ?? 0) + (pads[axis + 2] ?? 0);
    const reach = ((kernel[axis] ?? 1) - 1) * (dilations[axis] ?? 1) + 1;
    if (typeof size === 'number' && (size + around - reach) % (strides[axis] ?? 1) === 0) continue;
    throw writer.unsupported('it counts windows that are not whole');
  }
}

function padded(
  writer: OperatorWriter,
  x: Value,
  image: number,
  [top = 0, left = 0, bottom = 0, right = 0]: readonly number[],
  filler: Filler,
): number {
  if (filler === 'nothing')
    throw writer.unsupported('its padding is none that a file can say, and does not count');
  const dims = reordered(writer.dims(x), channelsLast).map((dim, axis) => {
    const more = [0, top + bottom, left + right, 0][axis] ?? 0;
    return typeof dim === 'number' ? dim + more : dim;
  });
  const to = writer.file.tensor({ ...tensorType(x, writer.as), name: `${x.name}_padded`, dims });
  const amounts = writer.file.tensor({
    name: `${x.name}_padding`,
    type: 'int32',
    dims: [4, 2],
    data: tensorOf('int32', [0, 0, top, bottom, left, right, 0, 0], [4, 2]),
  });
  if (filler === 'zero') writer.emit('PAD', [image, amounts], [to]);
  else writer.emit('PADV2', [image, amounts, lowest(writer, x)], [to]);
  return to;
}

/** The least that a tensor like that of `x` can hold. */
function lowest(writer: OperatorWriter, x: Value): number {
  const { type, quantization } = tensorType(x, writer.as);
  const least = quantization === null ? -3.4028234663852886e38 : -128;
  const data = tensorOf(type, [least], []);
  return writer.file.tensor({ name: `${x.name}_lowest`, type, dims: [], quantization, data });
}

/** @throws {UnsupportedError} where the first input is no batch of images */
export function assertImages(writer: OperatorWriter): void {
  const rank = writer.dims(writer.value(0)).length;
  if (rank !== 4) throw writer.unsupported(`it works on ${rank} dimensions, not on images`);
}

export function kernelOf(node: Node, weights: readonly Dim[]): Pair {
  const [height = 1, width = 1] = node.attributes.ints('kernel_shape') ?? weights.slice(2).map(Number);
  return [height, width];
}
