import { Geometry } from '../geometry';
import { scratchColumns } from './layout';

/**
 * Writes two input rows widened to int16, the values of a channel side by side, so that one dot product adds the
 * products of both: for each quad of channels all columns, 16 bytes each. Columns on padding get the value of
 * `outside`, a pixel of padding; a row outside the image is that pixel again and again.
 *
 * quadStride: bytes from one quad to the next. Reads up to 15 bytes past a pixel.
 */
export function pairRows(
  g: Geometry, image: usize, top: i32, bottom: i32, outside: usize, to: usize, quadStride: i32,
): void {
  const channels = g.inputChannels;
  const topInside = <u32>top < <u32>g.inputHeight;
  const bottomInside = <u32>bottom < <u32>g.inputHeight;
  const first = topInside ? image + top * g.inputWidth * channels : outside;
  const second = bottomInside ? image + bottom * g.inputWidth * channels : outside;
  const firstStep = topInside ? channels : 0;
  const secondStep = bottomInside ? channels : 0;
  const columns = scratchColumns(g);
  const left = min(g.padLeft, columns);
  const right = min(left + g.inputWidth, columns);
  let channel = 0;
  for (; channel + 8 < channels; channel += 16) {
    const here = outside + channel;
    interleave16(here, 0, here, 0, to, quadStride, left);
    interleave16(first + channel, firstStep, second + channel, secondStep, to + (left << 4), quadStride, right - left);
    interleave16(here, 0, here, 0, to + (right << 4), quadStride, columns - right);
    to += quadStride << 2;
  }
  if (channel >= channels) return;
  const here = outside + channel;
  interleave8(here, 0, here, 0, to, quadStride, left);
  interleave8(first + channel, firstStep, second + channel, secondStep, to + (left << 4), quadStride, right - left);
  interleave8(here, 0, here, 0, to + (right << 4), quadStride, columns - right);
}

/** Eight channels of `columns` pixels of two rows. */
function interleave8(
  first: usize, firstStep: i32, second: usize, secondStep: i32, to: usize, quadStride: i32, columns: i32,
): void {
  const end = to + (columns << 4);
  for (; to < end; to += 16) {
    storePairs(v128.load8x8_s(first), v128.load8x8_s(second), to, quadStride);
    first += firstStep;
    second += secondStep;
  }
}

/** As interleave8, sixteen channels. */
function interleave16(
  first: usize, firstStep: i32, second: usize, secondStep: i32, to: usize, quadStride: i32, columns: i32,
): void {
  const end = to + (columns << 4);
  for (; to < end; to += 16) {
    storePairs(v128.load8x8_s(first), v128.load8x8_s(second), to, quadStride);
    storePairs(v128.load8x8_s(first, 8), v128.load8x8_s(second, 8), to + (quadStride << 1), quadStride);
    first += firstStep;
    second += secondStep;
  }
}

@inline
function storePairs(a: v128, b: v128, to: usize, quadStride: i32): void {
  v128.store(to, i16x8.shuffle(a, b, 0, 8, 1, 9, 2, 10, 3, 11));
  v128.store(to + quadStride, i16x8.shuffle(a, b, 4, 12, 5, 13, 6, 14, 7, 15));
}
