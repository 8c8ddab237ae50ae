/**
 * From which density on a pruned product is no faster than the dense one of the same type and shape: what
 * src/sparse-limits.ts is made of. `node bench/sparse.js [rows,rows] [types]`; needs a build.
 *
 * Prints, for each shape, dense time / sparse time at each density, and the density where both are equal.
 */
import {
  gemmI8ScratchBytes,
  loadKernels,
  packGemmF32,
  packGemmI8,
  packSparseF32,
  packSparseI8,
  packSparseVectorF32,
  packSparseVectorI8,
  sparseColumns,
  sparseGemmF32ScratchBytes,
  sparseGemmI8ScratchBytes,
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
export function race(calls, rounds = 7, slotMs = 3) {
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
    packGemmI8({ data, ...layout, multipliers }, k.weightFormat),
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
export function crossing(ratios) {
  const above = ratios.findIndex((ratio) => ratio < 1);
  if (above < 0) return 1;
  if (above === 0) return 0;
  const [low, high] = [ratios[above - 1], ratios[above]];
  const share = (low - 1) / (low - high);
  return DENSITIES[above - 1] + share * (DENSITIES[above] - DENSITIES[above - 1]);
}

const wantedRows = process.argv[2] ? process.argv[2].split(',').map(Number) : ROWS;
const types = (process.argv[3] ?? 'f32,i8').split(',');
const calls = { f32: floatCalls, i8: byteCalls };
for (const type of types) {
  for (const m of wantedRows) {
    for (const [depth, n] of SHAPES) {
      if (m * depth > 1e6) continue;
      const kernels = await loadKernels();
      let gmacs = 0;
      const times = DENSITIES.map((density) => {
        state = 1;
        const found = race(calls[type](kernels, m, depth, n, density).slice(0, m > 16 ? 2 : 3));
        gmacs = (m * depth * n) / found[0] / 1e6;
        return found;
      });
      for (const [index, name] of ['gemm', 'gemv'].entries()) {
        if (times[0][index + 1] === undefined) continue;
        const ratios = times.map((found) => found[0] / found[index + 1]);
        const label = `${type} ${m} x ${depth} x ${n}`.padEnd(22);
        const line = ratios.map((ratio) => ratio.toFixed(2).padStart(6)).join('');
        const dense = gmacs.toFixed(1).padStart(6);
        console.log(`${label}dense${dense}  ${name}${line}  equal at ${crossing(ratios).toFixed(2)}`);
      }
    }
  }
}
