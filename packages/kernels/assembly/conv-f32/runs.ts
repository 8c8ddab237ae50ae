import { Geometry } from '../geometry';
import { copyFloats, zeroFill } from '../lanes';

/** Output pixels whose runs are listed at a time: their inputs stay in the second-level cache while all panels pass. */
const BLOCK_PIXELS: i32 = 64;

/** Channels from which a run of one tap is long enough. */
const LONG: i32 = 64;

/**
 * The inputs of an output pixel as `runs` pieces of `run` neighbouring floats, read where they lie. A piece is one
 * tap, or where taps are neighbours and short, one kernel row.
 */
@inline
export function runsOfRows(g: Geometry, channels: i32): bool {
  return g.kernelWidth == 1 || (channels < LONG && g.groups == 1 && g.dilationWidth == 1);
}

/** Pixels, a multiple of 4, that a block may have; `slotBytes` is what one pixel at the border may need. */
export function blockPixels(scratchBytes: i32, runs: i32, run: i32, slotBytes: i32): i32 {
  const room = (scratchBytes - 16 - zeroBytes(run) - 4 * slotBytes) / (runs << 2);
  return max(4, min(BLOCK_PIXELS, room & ~3));
}

@inline
function zeroBytes(run: i32): i32 {
  return ((run << 2) + 15) & ~15;
}

/**
 * Lists the runs of the pixels from `pixel` on, row * outputWidth + ox, in the table that `multiplyRowsF32` reads.
 * scratch: a run of zeros for padding, the table of `block` pixels, copies of kernel rows that reach over a border.
 *
 * @returns how many pixels were listed: `count`, or a multiple of 4 where the copies filled the scratch
 */
export function listRuns(
  g: Geometry, x: usize, channels: i32, ofRows: bool, pixel: i32, count: i32, block: i32, scratch: usize,
  scratchBytes: i32,
): i32 {
  const run = ofRows ? g.kernelWidth * channels : channels;
  const runs = ofRows ? g.kernelHeight : g.kernelHeight * g.kernelWidth;
  const table = tableOf(scratch, run);
  const copies = table + block * runs * 4;
  // A copy may write up to 12 bytes past itself.
  const end = scratch + scratchBytes - 16;
  const pixelBytes = g.inputChannels << 2;
  const rowBytes = g.inputWidth * pixelBytes;
  const slotBytes = ofRows ? g.kernelHeight * zeroBytes(run) : 0;
  zeroFill(scratch, run << 2);
  let copy = copies;
  let row = pixel / g.outputWidth;
  let ox = pixel % g.outputWidth;
  let image = row / g.outputHeight;
  let oy = row % g.outputHeight;
  for (let i = 0; i < count; i++) {
    const left = ox * g.strideWidth - g.padLeft;
    const from = x + image * g.inputHeight * rowBytes + left * pixelBytes;
    const to = table + ((i >> 2) * runs * 4 + (i & 3)) * 4;
    const top = oy * g.strideHeight - g.padTop;
    if (!ofRows) {
      listTaps(g, from, top, left, scratch, to);
    } else if (left >= 0 && left + g.kernelWidth <= g.inputWidth) {
      listRows(g, from, top, rowBytes, scratch, to);
    } else {
      if (copy + slotBytes > end) return i & ~3;
      copyRows(g, from, top, left, rowBytes, channels, scratch, to, copy);
      copy += slotBytes;
    }
    if (++ox == g.outputWidth) {
      ox = 0;
      if (++oy == g.outputHeight) {
        oy = 0;
        image++;
      }
    }
  }
  return count;
}

/** Address of the table in `scratch`. */
@inline
export function tableOf(scratch: usize, run: i32): usize {
  return scratch + zeroBytes(run);
}

function listTaps(g: Geometry, from: usize, top: i32, left: i32, zeros: usize, to: usize): void {
  const pixelBytes = g.inputChannels << 2;
  const step = g.dilationWidth * pixelBytes;
  for (let ky = 0, iy = top; ky < g.kernelHeight; ky++, iy += g.dilationHeight) {
    const inside = <u32>iy < <u32>g.inputHeight;
    let at = from + iy * g.inputWidth * pixelBytes;
    for (let kx = 0, ix = left; kx < g.kernelWidth; kx++, ix += g.dilationWidth) {
      store<u32>(to, <u32>(inside && <u32>ix < <u32>g.inputWidth ? at : zeros));
      at += step;
      to += 16;
    }
  }
}

/** Kernel rows that lie wholly inside from left to right. */
function listRows(g: Geometry, from: usize, top: i32, rowBytes: i32, zeros: usize, to: usize): void {
  for (let ky = 0, iy = top; ky < g.kernelHeight; ky++, iy += g.dilationHeight) {
    store<u32>(to, <u32>(<u32>iy < <u32>g.inputHeight ? from + iy * rowBytes : zeros));
    to += 16;
  }
}

/** Kernel rows that reach over the left or right border: copied, with zeros where the padding is. */
function copyRows(
  g: Geometry, from: usize, top: i32, left: i32, rowBytes: i32, channels: i32, zeros: usize, to: usize, copy: usize,
): void {
  const tapBytes = channels << 2;
  const first = min(max(-left, 0), g.kernelWidth) * tapBytes;
  const end = max(min(g.inputWidth - left, g.kernelWidth) * tapBytes, first);
  const all = g.kernelWidth * tapBytes;
  const slot = (all + 15) & ~15;
  for (let ky = 0, iy = top; ky < g.kernelHeight; ky++, iy += g.dilationHeight) {
    if (<u32>iy < <u32>g.inputHeight) {
      zeroFill(copy, first);
      copyFloats(from + iy * rowBytes + first, end - first, copy + first);
      zeroFill(copy + end, all - end);
      store<u32>(to, <u32>copy);
      copy += slot;
    } else {
      store<u32>(to, <u32>zeros);
    }
    to += 16;
  }
}
