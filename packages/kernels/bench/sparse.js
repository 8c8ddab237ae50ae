/**
 * From which density on a pruned product is no faster than the dense one of the same type and shape: what
 * src/sparse-limits.ts is made of. `node bench/sparse.js [rows,rows] [f32,i8]`, and `node bench/sparse.js conv` for
 * convolutions of 3 x 3; needs a build.
 *
 * Prints, for each shape, dense time / sparse time at each density, and the density where both are equal.
 */
import {
  convScratchBytes,
  gemmI8ScratchBytes,
  geometryWords,
  loadKernels,
  packConvF32,
  packConvI8,
  packGemmF32,
  packGemmI8,
  packSparseF32,
  packSparseI8,
  packSparseVectorF32,
  packSparseVectorI8,
  sparseColumns,
  sparseConvF32ScratchBytes,
  sparseConvI8ScratchBytes,
  sparseGemmF32ScratchBytes,
  sparseGemmI8ScratchBytes,
  tapsFirstColumns,
} from '../dist/index.js';

const DENSITIES = [0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1];
const ROWS = [1, 2, 3, 4, 8, 16, 49, 196, 784, 3136];
const SHAPES = [
  [64, 64],
  [64, 256],
  [256, 64],
  [256, 256],
  [1024, 256],
  [1024, 1024],
];

/** Marsaglia's xorshift32: the same data in every run. */
let state = 1;
function next() {
  state ^= state << 13;
  state ^= state >>> 17;
  state ^= state << 5;
  return (state >>> 0) / 2 ** 32;
}
const pruned = (Type, length, density, value) =>
  Type.from({ length }, () => (next() < density ? value(next()) : 0));

/** Median milliseconds of each call; they take turns, so that what else the machine does slows all alike. */
function race(calls, rounds = 7, slotMs = 3) {
  const repeats = calls.map((call) => {
    call();
    const start = performance.now();
    for (let i = 0; i < 3; i++) call();
    return Math.max(1, Math.ceil((3 * slotMs) / Math.max(performance.now() - start, 1e-3)));
  });
  const times = calls.map(() => []);
  for (let round = 0; round < rounds; round++) {
    for (const [index, call] of calls.entries()) {
      const start = performance.now();
      for (let i = 0; i < repeats[index]; i++) call();
      times[index].push((performance.now() - start) / repeats[index]);
    }
  }
  return times.map((all) => all.sort((a, b) => a - b)[rounds >> 1]);
}

function floatCalls(k, m, depth, n, density) {
  const data = pruned(Float32Array, depth * n, density, (x) => x - 0.5);
  const layout = { k: depth, n, rowStride: n, columnStride: 1 };
  const weights = { columns: sparseColumns(data, layout) };
  const a = k.heap.place(pruned(Float32Array, m * depth, 1, (x) => x - 0.5));
  const y = k.heap.malloc(m * n * 4);
  const scratch = k.heap.malloc(sparseGemmF32ScratchBytes(depth));
  const range = [-Infinity, Infinity];
  const places = [packGemmF32({ data, ...layout }), packSparseF32(weights), packSparseVectorF32(weights)];
  const [dense, rows, vectors] = places.map((packed) => k.heap.place(packed));
  return [
    () => k.gemmF32(m, n, depth, a, depth, dense, y, n, ...range),
    () => k.sparseGemmF32(m, n, depth, a, depth, rows, y, n, ...range, scratch),
    () => k.sparseGemvF32(m, n, depth, a, depth, vectors, y, n, ...range),
  ];
}

function byteCalls(k, m, depth, n, density) {
  const data = pruned(Int8Array, depth * n, density, (x) => 1 + Math.floor(x * 127));
  const layout = { k: depth, n, rowStride: n, columnStride: 1 };
  const multipliers = Float32Array.of(1e-4);
  const weights = { columns: sparseColumns(data, layout), multipliers };
  const a = k.heap.place(pruned(Int8Array, m * depth, 1, (x) => Math.floor(x * 256) - 128));
  const y = k.heap.malloc(m * n);
  const bytes = gemmI8ScratchBytes(m, depth);
  const scratch = k.heap.malloc(Math.max(bytes, sparseGemmI8ScratchBytes(depth)));
  const rule = [3, -2, -128, 127];
  const places = [
    packGemmI8({ data, ...layout, multipliers, inputZero: 3, expectedRows: m }, k.weightFormat),
    packSparseI8(weights),
    packSparseVectorI8(weights),
  ];
  const [dense, rows, vectors] = places.map((packed) => k.heap.place(packed));
  return [
    () => k.gemmI8(m, n, depth, a, depth, dense, y, n, ...rule, scratch, bytes),
    () => k.sparseGemmI8(m, n, depth, a, depth, rows, y, n, ...rule, scratch),
    () => k.sparseGemvI8(m, n, depth, a, depth, vectors, y, n, ...rule),
  ];
}

/** The density where a ratio, falling with the density, passes 1; between two measured densities on a line. */
function crossing(ratios) {
  const above = ratios.findIndex((ratio) => ratio < 1);
  if (above < 0) return 1;
  if (above === 0) return 0;
  const [low, high] = [ratios[above - 1], ratios[above]];
  const share = (low - 1) / (low - high);
  return DENSITIES[above - 1] + share * (DENSITIES[above] - DENSITIES[above - 1]);
}

/** Size of the image, channels, outputs, stride. */
const CONVOLUTIONS = [
  [32, 16, 16, 1],
  [16, 32, 32, 1],
  [8, 64, 64, 1],
  [56, 64, 64, 1],
  [28, 128, 128, 1],
  [14, 256, 256, 1],
  [32, 16, 32, 2],
  [16, 32, 64, 2],
  [56, 64, 128, 2],
];

function convolutionCalls(k, type, [size, channels, outputs, stride], density) {
  const output = Math.ceil(size / stride);
  const pad = { padTop: 1, padLeft: 1, padBottom: 1, padRight: 1 };
  const g = {
    ...pad,
    batch: 1,
    inputHeight: size,
    inputWidth: size,
    inputChannels: channels,
    outputHeight: output,
    outputWidth: output,
    outputChannels: outputs,
    kernelHeight: 3,
    kernelWidth: 3,
    strideHeight: stride,
    strideWidth: stride,
    dilationHeight: 1,
    dilationWidth: 1,
    groups: 1,
  };
  const each = channels * 9;
  const f32 = type === 'f32';
  const data = f32
    ? pruned(Float32Array, outputs * each, density, (x) => x - 0.5)
    : pruned(Int8Array, outputs * each, density, (x) => 1 + Math.floor(x * 127));
  const layout = { k: each, n: outputs, rowStride: 1, columnStride: each };
  const columns = tapsFirstColumns(sparseColumns(data, layout), 9);
  const shape = { ...g, channelsPerGroup: channels, data };
  const x = k.heap.malloc(size * size * channels * 4);
  k.heap.uint8(x, size * size * channels * 4).fill(0);
  const y = k.heap.malloc(output * output * outputs * 4);
  const at = k.heap.place(geometryWords(g));
  const bytes = convScratchBytes(g, f32 ? 4 : 2);
  if (f32) {
    const scratch = k.heap.malloc(Math.max(bytes, sparseConvF32ScratchBytes(channels, 9)));
    const [dense, sparse] = [packConvF32(shape), packSparseF32({ columns })].map((w) => k.heap.place(w));
    return [
      () => k.convF32(at, x, dense, y, -Infinity, Infinity, scratch, bytes),
      () => k.sparseConvF32(at, x, sparse, y, -Infinity, Infinity, scratch),
    ];
  }
  const multipliers = Float32Array.of(1e-4);
  const scratch = k.heap.malloc(Math.max(bytes, sparseConvI8ScratchBytes(channels, 9)));
  const dense = k.heap.place(packConvI8({ ...shape, multipliers, window: g, inputZero: 3 }, k.weightFormat));
  const sparse = k.heap.place(packSparseI8({ columns, multipliers }));
  return [
    () => k.convI8(at, x, dense, y, 3, -2, -128, 127, scratch, bytes),
    () => k.sparseConvI8(at, x, sparse, y, 3, -2, -128, 127, scratch),
  ];
}

/** Times of each density, and what they come to. */
function report(label, work, callsOf) {
  let dense = 0;
  const times = DENSITIES.map((density) => {
    state = 1;
    const found = race(callsOf(density));
    dense = work / found[0] / 1e6;
    return found;
  });
  for (const [index, name] of ['rows', 'vector'].entries()) {
    if (times[0][index + 1] === undefined) continue;
    const ratios = times.map((found) => found[0] / found[index + 1]);
    const line = ratios.map((ratio) => ratio.toFixed(2).padStart(6)).join('');
    const rate = dense.toFixed(1).padStart(6);
    console.log(
      `${label.padEnd(24)}dense${rate}  ${name.padEnd(6)}${line}  equal at ${crossing(ratios).toFixed(2)}`,
    );
  }
}

const [what = ROWS.join(','), typeNames = 'f32,i8'] = process.argv.slice(2);
const calls = { f32: floatCalls, i8: byteCalls };
for (const type of typeNames.split(',')) {
  if (what === 'conv') {
    for (const shape of CONVOLUTIONS) {
      const [size, channels, outputs, stride] = shape;
      const kernels = await loadKernels();
      const work = Math.ceil(size / stride) ** 2 * outputs * channels * 9;
      const label = `${type} 3x3/${stride}, ${size}, ${channels} to ${outputs}`;
      report(label, work, (density) => convolutionCalls(kernels, type, shape, density));
    }
    continue;
  }
  for (const m of what.split(',').map(Number)) {
    for (const [depth, n] of SHAPES) {
      if (m * depth > 1e6) continue;
      const kernels = await loadKernels();
      report(`${type} ${m} x ${depth} x ${n}`, m * depth * n, (density) =>
        calls[type](kernels, m, depth, n, density).slice(0, m > 16 ? 2 : 3),
      );
    }
  }
}
