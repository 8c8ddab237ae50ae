import { activations, activationShift, fourStepBytes, zipHigh, zipLow } from '../gemm-i8/interleave';
import { Geometry } from '../geometry';
import { RUNS } from '../packed-i8';

/**
 * The input rows under a block of output rows, in the order tiles read them (../gemm-i8/tiles.ts). Each value is written
 * once, whatever the size of the kernel, and padding is written too: the inner loop knows no borders.
 *
 * A band row is a list of planes: plane q holds step q of K (two int16 or four int8 channels, 4 bytes) of each pixel, pixels
 * next to each other, so that the pixels of a tile stand together at each kernel tap. With a stride over columns,
 * pixels are sorted into phases (column modulo stride), each a band of its own, for the same reason.
 *
 * With 1 or 3 channels (layout RUNS) an entry is a piece of the run of kernel columns times channels under one output
 * pixel instead, and there is one plane for each piece.
 */
@unmanaged
export class Band {
  runs: i32;
  channels: i32;
  /** Planes of a row, bytes of a plane and of a row. */
  planes: i32;
  planeBytes: i32;
  rowBytes: i32;
  /** Entries of a plane that are read. */
  width: i32;
  phases: i32;
  phaseBytes: i32;
  /** Input rows from one band row to the next; band rows from one output row to the next. */
  rowStep: i32;
  outputStep: i32;
  /** Band rows under one output row. */
  reach: i32;
  /** A padded input row, for layout RUNS. */
  line: usize;
  /**
   * 1: wrapped. There are planes for each kernel column and each class of band rows (row modulo `outputStep`), of just the
   * pixels under output pixels, the rows of a class without a gap: tiles run on from one output row to the next.
   */
  wrapped: i32;
}

/** Bytes of a plane of `width` entries: 16 byte steps, and no multiple of 128, which would fill few cache sets. */
@inline
function planeBytesOf(width: i32): i32 {
  const bytes = ((width << 2) + 15) & ~15;
  return bytes & 127 ? bytes : bytes + 16;
}

export function planBand<T>(g: Geometry, layout: i32, band: Band): void {
  const channels = g.inputChannels / g.groups;
  const perStep = 4 / sizeof<T>();
  band.channels = channels;
  band.runs = i32(layout == RUNS);
  // Phases repeat after strideWidth / gcd kernel columns.
  const period = g.strideWidth / gcd(g.strideWidth, g.dilationWidth);
  band.phases = band.runs ? 1 : min(period, g.kernelWidth);
  const perEntry = band.runs ? channels * g.kernelWidth : channels;
  band.planes = (perEntry + perStep - 1) / perStep;
  band.width = g.outputWidth + (band.runs ? 0 : (g.kernelWidth - 1) * g.dilationWidth / g.strideWidth);
  band.planeBytes = planeBytesOf(band.width);
  band.rowBytes = band.planes * band.planeBytes;
  // A kernel of one row skips the input rows between strides.
  const single = g.kernelHeight == 1;
  band.rowStep = single ? g.strideHeight : 1;
  band.outputStep = single ? 1 : g.strideHeight;
  band.reach = (g.kernelHeight - 1) * g.dilationHeight + 1;
}

/** Bytes of the planes of one class of band rows in a wrapped band for `rows` output rows; sets what depends on `rows`. */
export function wrapBand(g: Geometry, band: Band, rows: i32): i32 {
  const lines = rows + (band.reach - 1) / band.outputStep;
  band.width = g.outputWidth;
  // Storing four entries at a time may run out of the last row.
  band.planeBytes = planeBytesOf(lines * g.outputWidth + 4);
  band.rowBytes = g.outputWidth << 2;
  band.phases = g.kernelWidth;
  band.phaseBytes = band.outputStep * band.planes * band.planeBytes;
  return band.phaseBytes * band.phases;
}

/** Where a band row stands in the planes of a kernel column. */
@inline
function wrappedRow(band: Band, row: i32): i32 {
  const index = row / band.outputStep;
  return (row - index * band.outputStep) * band.planes * band.planeBytes + index * band.rowBytes;
}

function gcd(a: i32, b: i32): i32 {
  while (b) {
    const rest = a % b;
    a = b;
    b = rest;
  }
  return a;
}

/** Kernel columns (and rows, where dilation parts them) as offsets from the band entry under kernel tap (0, 0). */
export function listSegments(g: Geometry, band: Band, to: usize): i32 {
  if (band.wrapped) {
    for (let kx = 0; kx < g.kernelWidth; kx++) {
      for (let ky = 0; ky < g.kernelHeight; ky++) {
        store<u32>(to, kx * band.phaseBytes + wrappedRow(band, ky * g.dilationHeight));
        to += 4;
      }
    }
    return g.kernelWidth * g.kernelHeight;
  }
  const apart = g.dilationHeight > 1 && g.kernelHeight > 1;
  const rows = apart ? g.kernelHeight : 1;
  const columns = band.runs ? 1 : g.kernelWidth;
  for (let kx = 0; kx < columns; kx++) {
    const x = kx * g.dilationWidth;
    const phase = kx % band.phases * band.phaseBytes;
    for (let ky = 0; ky < rows; ky++) {
      store<u32>(to, phase + ky * g.dilationHeight * band.rowBytes + (x / g.strideWidth << 2));
      to += 4;
    }
  }
  return columns * rows;
}

/**
 * Fills band rows [0, rows): the first stands for input row `top`, which may be padding.
 *
 * image: the first channel of the group. zero: the value of padding.
 */
export function fillBand<T>(
  g: Geometry, band: Band, image: usize, top: i32, rows: i32, zero: i32, shift: i32, to: usize,
): void {
  const shifts = activationShift<T>(shift);
  const padding = sizeof<T>() == 2 ? 0 : (zero ^ shift) & 0xff;
  const lineBytes = g.inputWidth * g.inputChannels;
  for (let row = 0; row < rows; row++) {
    const iy = top + row * band.rowStep;
    const at = to + (band.wrapped ? wrappedRow(band, row) : row * band.rowBytes);
    if (band.wrapped) {
      const inside = <u32>iy < <u32>g.inputHeight;
      for (let kx = 0; kx < g.kernelWidth; kx++) {
        const from = at + kx * band.phaseBytes;
        // A row on padding is one whose pixels are all to the right of the image.
        const x = inside ? kx * g.dilationWidth : g.inputWidth + g.padLeft;
        fillPhase<T>(g, band, image + iy * lineBytes, x, padding, shifts, from);
      }
    } else if (<u32>iy >= <u32>g.inputHeight) {
      for (let phase = 0; phase < band.phases; phase++) {
        memory.fill(at + phase * band.phaseBytes, <u8>padding, band.rowBytes);
      }
    } else if (band.runs) {
      fillRuns<T>(g, band, image + iy * lineBytes, padding, shifts, at);
    } else {
      for (let phase = 0; phase < band.phases; phase++) {
        const residue = phase * g.dilationWidth % g.strideWidth;
        fillPhase<T>(g, band, image + iy * lineBytes, residue, padding, shifts, at + phase * band.phaseBytes);
      }
    }
  }
}

/** Pixels residue, residue + stride, ... of one input row, padding included. */
function fillPhase<T>(
  g: Geometry, band: Band, line: usize, residue: i32, padding: i32, shifts: v128, to: usize,
): void {
  const stride = g.strideWidth;
  const origin = residue - g.padLeft;
  const first = min(origin >= 0 ? 0 : (stride - 1 - origin) / stride, band.width);
  const room = g.inputWidth - origin;
  const end = max(room > 0 ? min((room + stride - 1) / stride, band.width) : 0, first);
  const pixelStep = stride * g.inputChannels;
  for (let at = first; at < end; at += 4) {
    // The last four overlap those before; where there are fewer than four, the last is repeated.
    const j = max(min(at, end - 4), first);
    const p0 = line + (origin + j * stride) * g.inputChannels;
    const p1 = p0 + (j + 1 < end ? pixelStep : 0);
    const p2 = p1 + (j + 2 < end ? pixelStep : 0);
    const p3 = p2 + (j + 3 < end ? pixelStep : 0);
    fillFour<T>(p0, p1, p2, p3, band.planes, band.planeBytes, shifts, to + (j << 2));
  }
  const word = padding * 0x01010101;
  const planesEnd = to + band.planes * band.planeBytes;
  for (let plane = to; plane < planesEnd; plane += band.planeBytes) {
    for (let j = 0; j < first; j++) store<i32>(plane + (j << 2), word);
    for (let j = end; j < band.width; j++) store<i32>(plane + (j << 2), word);
  }
}

/** All steps of four pixels. Reads up to 15 bytes past the last pixel. */
@inline
function fillFour<T>(
  p0: usize, p1: usize, p2: usize, p3: usize, planes: i32, planeBytes: i32, shifts: v128, to: usize,
): void {
  for (; planes > 0; planes -= 4) {
    const x0 = activations<T>(p0, shifts);
    const x1 = activations<T>(p1, shifts);
    const x2 = activations<T>(p2, shifts);
    const x3 = activations<T>(p3, shifts);
    storePlanes(x0, x1, x2, x3, planes, planeBytes, to);
    p0 += fourStepBytes<T>();
    p1 += fourStepBytes<T>();
    p2 += fourStepBytes<T>();
    p3 += fourStepBytes<T>();
    to += planeBytes << 2;
  }
}

/** Four entries of up to four planes, from four steps of each of four pixels. */
@inline
function storePlanes(x0: v128, x1: v128, x2: v128, x3: v128, planes: i32, planeBytes: i32, to: usize): void {
  const low01 = zipLow(x0, x1);
  const low23 = zipLow(x2, x3);
  v128.store(to, i64x2.shuffle(low01, low23, 0, 2));
  if (planes > 1) v128.store(to + planeBytes, i64x2.shuffle(low01, low23, 1, 3));
  if (planes > 2) {
    const high01 = zipHigh(x0, x1);
    const high23 = zipHigh(x2, x3);
    v128.store(to + planeBytes * 2, i64x2.shuffle(high01, high23, 0, 2));
    if (planes > 3) v128.store(to + planeBytes * 3, i64x2.shuffle(high01, high23, 1, 3));
  }
}

/** The runs under each output pixel of one row. */
function fillRuns<T>(g: Geometry, band: Band, line: usize, padding: i32, shifts: v128, to: usize): void {
  const size = <i32>sizeof<T>();
  const channels = band.channels;
  const padded = band.line;
  const reach = ((g.outputWidth - 1) * g.strideWidth + (g.kernelWidth - 1) * g.dilationWidth + 1) * channels;
  const left = min(g.padLeft * channels, reach);
  const end = min(left + g.inputWidth * channels, reach);
  memory.fill(padded, <u8>padding, left * size);
  if (g.groups == 1) {
    let at = padded + left * size;
    for (let i = left; i < end; i += fourStepBytes<T>()) {
      v128.store(at, activations<T>(line, shifts));
      line += fourStepBytes<T>();
      at += 16;
    }
  } else {
    copyGroup<T>(g, channels, line, shifts, padded + left * size, padded + end * size);
  }
  memory.fill(padded + end * size, <u8>padding, (reach - end) * size);
  if (g.dilationWidth > 1) {
    gatherDilated<T>(g, band, padded, to);
    return;
  }
  const step = g.strideWidth * channels * size;
  for (let at = 0; at < band.width; at += 4) {
    // As in fillPhase: the last four overlap, or the last is repeated.
    const j = max(min(at, band.width - 4), 0);
    let p0 = padded + j * step;
    let p1 = p0 + (j + 1 < band.width ? step : 0);
    let p2 = p1 + (j + 2 < band.width ? step : 0);
    let p3 = p2 + (j + 3 < band.width ? step : 0);
    let plane = to + (j << 2);
    for (let planes = band.planes; planes > 0; planes -= 4) {
      storePlanes(v128.load(p0), v128.load(p1), v128.load(p2), v128.load(p3), planes, band.planeBytes, plane);
      p0 += 16;
      p1 += 16;
      p2 += 16;
      p3 += 16;
      plane += band.planeBytes << 2;
    }
  }
}

/** The channels of one group, pixel by pixel. */
function copyGroup<T>(g: Geometry, channels: i32, line: usize, shifts: v128, to: usize, end: usize): void {
  const zero = sizeof<T>() == 2 ? i16x8.extract_lane_s(shifts, 0) : i8x16.extract_lane_s(shifts, 0);
  while (to < end) {
    for (let i = 0; i < channels; i++) {
      if (sizeof<T>() == 2) store<i16>(to, <i16>(<i32>load<i8>(line + i) - zero));
      else store<u8>(to, <u8>(load<i8>(line + i) ^ zero));
      to += sizeof<T>();
    }
    line += g.inputChannels;
  }
}

/** As the last loop of `fillRuns`, value by value: the taps of a run are apart. */
function gatherDilated<T>(g: Geometry, band: Band, padded: usize, to: usize): void {
  const channels = band.channels;
  const perStep = 4 / sizeof<T>();
  for (let j = 0; j < g.outputWidth; j++) {
    for (let kx = 0; kx < g.kernelWidth; kx++) {
      const from = padded + (j * g.strideWidth + kx * g.dilationWidth) * channels * sizeof<T>();
      for (let channel = 0; channel < channels; channel++) {
        const row = kx * channels + channel;
        const at = to + row / perStep * band.planeBytes + (j << 2) + row % perStep * sizeof<T>();
        store<T>(at, load<T>(from + channel * sizeof<T>()));
      }
    }
  }
}
