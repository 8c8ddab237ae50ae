/**
 * One case for every kernel of the table: data made here, the call in `run`. `work` is what one call does,
 * in `unit`; the check compares with the scalar twin before anything is timed.
 */
import {
  convScratchBytes,
  convTransposeScratchBytes,
  depthwiseScratchBytes,
  fixedPoint,
  fixedPointMultipliers,
  fixedPointScale,
  gemmI8ScratchBytes,
  geometryWords,
  multiplierBlock,
  packConvF32,
  packConvI8,
  packConvTransposeF32,
  packDepthwiseConvF32,
  packDepthwiseConvI8,
  packedGemmF32Bytes,
  packedGemmI8Bytes,
  packGemmF32,
  packGemmI8,
  permuteWords,
  reductions,
  resampleTable,
  unaryFunctions,
} from '../dist/index.js';
import { sparseCases } from './sparse-cases.js';

/** Marsaglia's xorshift32: the same data in every run. */
let state = 1;
function next() {
  state ^= state << 13;
  state ^= state >>> 17;
  state ^= state << 5;
  return (state >>> 0) / 2 ** 32;
}
/** Starts the sequence again, so that two calls of a builder make the same data. */
export function reseed() {
  state = 1;
}
const float32s = (length) => Float32Array.from({ length }, () => next() - 0.5);
const int8s = (length) => Int8Array.from({ length }, () => Math.floor(next() * 256) - 128);

function geometry({ size, channels, outputs = channels, kernel = 3, stride = 1, pad = kernel >> 1 }) {
  const output = Math.floor((size + 2 * pad - kernel) / stride) + 1;
  return {
    batch: 1,
    inputHeight: size,
    inputWidth: size,
    inputChannels: channels,
    outputHeight: output,
    outputWidth: output,
    outputChannels: outputs,
    kernelHeight: kernel,
    kernelWidth: kernel,
    strideHeight: stride,
    strideWidth: stride,
    dilationHeight: 1,
    dilationWidth: 1,
    padTop: pad,
    padLeft: pad,
    padBottom: pad,
    padRight: pad,
    groups: 1,
  };
}

/** What sums are multiplied with, as the kernels `k` take it; `k.rounding` says how fixed-point ones round. */
const multipliersFor = (k, factor) =>
  k.multipliers === 'float32' ? Float32Array.of(factor) : fixedPointMultipliers([factor], k.rounding);

const inputs = (g) => g.inputHeight * g.inputWidth * g.inputChannels;
const outputs = (g) => g.outputHeight * g.outputWidth * g.outputChannels;
const taps = (g) => g.kernelHeight * g.kernelWidth;

const N = 256;
const VECTOR = 262144;
const SHAPE = { m: N, n: N, k: N };
const CONV = geometry({ size: 28, channels: 128 });
const DEPTHWISE = geometry({ size: 56, channels: 128 });
const POOL = geometry({ size: 56, channels: 64, stride: 2 });
const RANGE = [-Infinity, Infinity];

function gemmF32(k, { m, n, k: depth } = SHAPE) {
  const b = packGemmF32({ data: float32s(depth * n), k: depth, n, rowStride: n, columnStride: 1 });
  const args = [m, n, depth, k.heap.place(float32s(m * depth)), depth, k.heap.place(b)];
  return output(k, m * n * 4, (y) => k.gemmF32(...args, y, n, ...RANGE), m * n * depth, 'MAC');
}

function gemmI8(k, { m, n, k: depth } = SHAPE) {
  const shape = {
    k: depth,
    n,
    rowStride: n,
    columnStride: 1,
    multipliers: multipliersFor(k, 1e-4),
    expectedRows: m,
    inputZero: 3,
  };
  const b = packGemmI8({ data: int8s(depth * n), ...shape }, k.weightFormat);
  const args = [m, n, depth, k.heap.place(int8s(m * depth)), depth, k.heap.place(b)];
  const bytes = gemmI8ScratchBytes(m, depth);
  const scratch = k.heap.malloc(bytes);
  const run = (y) => k.gemmI8(...args, y, n, 3, -2, -128, 127, scratch, bytes);
  return output(k, m * n, run, m * n * depth, 'MAC');
}

function convF32(k, g = CONV) {
  const shape = weightShape(g);
  const w = k.heap.place(packConvF32({ ...shape, data: float32s(shape.length) }));
  const [at, x] = [k.heap.place(geometryWords(g)), k.heap.place(float32s(inputs(g)))];
  const bytes = convScratchBytes(g, 4);
  const scratch = k.heap.malloc(bytes);
  const run = (y) => k.convF32(at, x, w, y, ...RANGE, scratch, bytes);
  return output(k, outputs(g) * 4, run, outputs(g) * taps(g) * g.inputChannels, 'MAC');
}

function convI8(k, g = CONV) {
  const shape = { ...weightShape(g), multipliers: multipliersFor(k, 1e-4), window: g, inputZero: 3 };
  const w = k.heap.place(packConvI8({ ...shape, data: int8s(shape.length) }, k.weightFormat));
  const [at, x] = [k.heap.place(geometryWords(g)), k.heap.place(int8s(inputs(g)))];
  const bytes = convScratchBytes(g, 2);
  const scratch = k.heap.malloc(bytes);
  const run = (y) => k.convI8(at, x, w, y, 3, -2, -128, 127, scratch, bytes);
  return output(k, outputs(g), run, outputs(g) * taps(g) * g.inputChannels, 'MAC');
}

function weightShape(g) {
  return {
    outputChannels: g.outputChannels,
    channelsPerGroup: g.inputChannels,
    kernelHeight: g.kernelHeight,
    kernelWidth: g.kernelWidth,
    groups: 1,
    length: g.outputChannels * g.inputChannels * taps(g),
  };
}

/** Twice the size, without overlap: what detectors of text end in. */
function convTransposeF32(k) {
  const g = {
    ...geometry({ size: 80, channels: 24, kernel: 2, stride: 2, pad: 0 }),
    outputHeight: 160,
    outputWidth: 160,
  };
  const shape = { groups: 1, channelsPerGroup: 24, outputsPerGroup: 24, kernelHeight: 2, kernelWidth: 2 };
  const w = k.heap.place(packConvTransposeF32({ ...shape, data: float32s(24 * 24 * 4) }));
  const [at, x] = [k.heap.place(geometryWords(g)), k.heap.place(float32s(inputs(g)))];
  const [bias, scratch] = [k.heap.place(float32s(24)), k.heap.malloc(convTransposeScratchBytes(g))];
  const run = (y) => k.convTransposeF32(at, x, w, bias, y, ...RANGE, scratch);
  return output(k, outputs(g) * 4, run, inputs(g) * taps(g) * 24, 'MAC');
}

/** 56 lines of 56 pixels of 64 channels to 112 lines. */
function resampleF32(k) {
  const places = (i) => [Math.max(0, (i - 1) >> 1), Math.min(55, (i + 1) >> 1)];
  const elements = Array.from({ length: 112 }, (_, i) => ({
    start: 0,
    places: places(i),
    weights: i % 2 ? [0.75, 0.25] : [0.25, 0.75],
  }));
  const [table, x] = [k.heap.place(resampleTable(elements)), k.heap.place(float32s(56 * 56 * 64))];
  const n = 112 * 56 * 64;
  return output(k, n * 4, (y) => k.resampleF32(1, 56, 112, 56 * 64, 2, table, x, y), n, 'value');
}

function depthwiseConvF32(k, g = DEPTHWISE) {
  const shape = { channels: g.inputChannels, kernelHeight: g.kernelHeight, kernelWidth: g.kernelWidth };
  const w = k.heap.place(packDepthwiseConvF32({ ...shape, data: float32s(shape.channels * taps(g)) }));
  const [at, x] = [k.heap.place(geometryWords(g)), k.heap.place(float32s(inputs(g)))];
  const scratch = k.heap.malloc(depthwiseScratchBytes(g, 4));
  const run = (y) => k.depthwiseConvF32(at, x, w, y, ...RANGE, scratch);
  return output(k, outputs(g) * 4, run, outputs(g) * taps(g), 'MAC');
}

function depthwiseConvI8(k, g = DEPTHWISE) {
  const shape = { channels: g.inputChannels, kernelHeight: g.kernelHeight, kernelWidth: g.kernelWidth };
  const multipliers = multipliersFor(k, 1e-3);
  const data = int8s(shape.channels * taps(g));
  const w = k.heap.place(packDepthwiseConvI8({ ...shape, data, multipliers }, k.weightFormat));
  const [at, x] = [k.heap.place(geometryWords(g)), k.heap.place(int8s(inputs(g)))];
  const scratch = k.heap.malloc(depthwiseScratchBytes(g, 1));
  const run = (y) => k.depthwiseConvI8(at, x, w, y, 3, -2, -128, 127, scratch);
  return output(k, outputs(g), run, outputs(g) * taps(g), 'MAC');
}

/** A pool over float32 (4 bytes) or int8 (1 byte); work is input values read, windows overlapping. */
function pool(bytes, call) {
  return (k) => {
    const at = k.heap.place(geometryWords(POOL));
    const x = k.heap.place(bytes === 4 ? float32s(inputs(POOL)) : int8s(inputs(POOL)));
    return output(k, outputs(POOL) * bytes, (y) => call(k, at, x, y), outputs(POOL) * taps(POOL), 'value');
  };
}

/** A kernel over vectors of VECTOR values of `from` and `to` bytes. */
function vector(from, to, call) {
  return (k) => {
    const values = () => k.heap.place(from === 4 ? float32s(VECTOR) : int8s(VECTOR));
    const [a, b] = [values(), values()];
    return output(k, VECTOR * to, (y) => call(k, a, y, b), VECTOR, 'value');
  };
}

function output(k, bytes, run, work, unit) {
  const y = k.heap.malloc(bytes);
  return { run: () => run(y), result: () => k.heap.uint8(y, bytes).slice(), work, unit };
}

const f32Pair = (name) => vector(4, 4, (k, a, y, b) => k[name](1, VECTOR, a, b, VECTOR, 1, y, ...RANGE));
const i8Pair = (name) =>
  vector(1, 1, (k, a, y, b) => k[name](1, VECTOR, a, b, VECTOR, 1, y, 0.05, 3, 0.04, -7, 0.1, 2, -128, 127));
/** A kernel of fixed-point arithmetic, its factors placed once. */
const fixed = (bytes, factors, call) => (k) => {
  const scales = factors.map((factor) => k.heap.place(fixedPointScale(fixedPoint(factor), k.rounding)));
  return vector(1, bytes, (kernels, x, y, b) => call(kernels, x, y, b, scales))(k);
};
const fixedSum = (name) =>
  fixed(1, [0.5, 0.4, 2 ** -20], (k, a, y, b, [p, q, r]) =>
    k[name](1, VECTOR, a, b, VECTOR, 1, y, p, 3, q, -7, r, 2, -128, 127),
  );
/** Heads before rows, as attention wants them: kept, since a call must not allocate. */
const plans = new WeakMap();
function permuteAt(k) {
  if (!plans.has(k)) plans.set(k, k.heap.place(permuteWords([64, 64, 64], [1, 2, 0], 4)));
  return plans.get(k);
}
/** A layer of 128 over 40 steps of one sequence, its input multiplied already. */
const recurrent = (name, gates) => (k) => {
  const [hidden, steps] = [128, 40];
  const n = gates * hidden;
  const shape = { k: hidden, n, rowStride: n, columnStride: 1 };
  const weights = k.heap.place(packGemmF32({ data: float32s(hidden * n), ...shape }));
  const [input, state] = [k.heap.place(float32s(steps * n)), k.heap.place(new Float32Array(hidden))];
  const [cell, scratch] = [k.heap.malloc(hidden * 4), k.heap.malloc(4 * n)];
  const middle = gates === 4 ? [weights, state, cell] : [weights, 0, state];
  const run = (y) => {
    k.heap.float32(cell, hidden).fill(0);
    k[name](steps, 1, hidden, input, ...middle, y, hidden, 0, scratch);
  };
  return output(k, steps * hidden * 4, run, steps * hidden * n, 'MAC');
};
const SIDE = Math.sqrt(VECTOR);
/** VECTOR values stay in the second-level cache no longer: 4096 measure the arithmetic, not the memory. */
const unary = (name) => (k) => {
  const x = k.heap.place(float32s(4096).map((value) => value * 10));
  return output(k, 4096 * 4, (y) => k.unaryF32(unaryFunctions[name], 4096, x, y, 1, 1), 4096, 'value');
};

const sparse = sparseCases(next);

/** Builders by kernel: called with kernels, each gives { run, result, work, unit }. */
export const cases = {
  gemmF32,
  gemmI8,
  packGemmBF32: (k) => {
    const b = k.heap.place(float32s(N * N));
    return output(k, packedGemmF32Bytes(N, N), (y) => k.packGemmBF32(N, N, b, N, 1, 0, y), N * N, 'value');
  },
  packGemmBI8: (k) => {
    const b = k.heap.place(int8s(N * N));
    return output(
      k,
      packedGemmI8Bytes(N, N),
      (y) => k.packGemmBI8(N, N, b, N, 1, 5, 0, 0.1, y),
      N * N,
      'value',
    );
  },
  packColumnsI8: (k) => {
    const columns = k.heap.place(int8s(N * N));
    const bytes = packedGemmI8Bytes(N, N);
    return output(k, bytes, (y) => k.packColumnsI8(N, N, columns, 0, N / 2, y), N * N, 'value');
  },
  convF32,
  convI8,
  convTransposeF32,
  depthwiseConvF32,
  depthwiseConvI8,
  maxPoolF32: pool(4, (k, at, x, y) => k.maxPoolF32(at, x, y)),
  maxPoolI8: pool(1, (k, at, x, y) => k.maxPoolI8(at, x, y)),
  averagePoolF32: pool(4, (k, at, x, y) => k.averagePoolF32(at, x, y, 1)),
  averagePoolI8: pool(1, (k, at, x, y) => k.averagePoolI8(at, x, y, 1, 0.9, 3, -2, -128, 127)),
  globalAveragePoolF32: vector(4, 4, (k, x, y) => k.globalAveragePoolF32(1, VECTOR / 512, 512, x, y)),
  globalAveragePoolI8: vector(1, 1, (k, x, y) =>
    k.globalAveragePoolI8(1, VECTOR / 512, 512, x, y, 0.9, 3, -2, -128, 127),
  ),
  addF32: f32Pair('addF32'),
  subF32: f32Pair('subF32'),
  mulF32: f32Pair('mulF32'),
  divF32: f32Pair('divF32'),
  preluF32: f32Pair('preluF32'),
  addI8: i8Pair('addI8'),
  mulI8: i8Pair('mulI8'),
  clampF32: vector(4, 4, (k, x, y) => k.clampF32(VECTOR, x, y, -0.2, 0.2)),
  lstmF32: recurrent('lstmF32', 4),
  gruF32: recurrent('gruF32', 3),
  permute: vector(4, 4, (k, x, y) => k.permute(permuteAt(k), x, y)),
  resampleF32,
  softmaxF32: vector(4, 4, (k, x, y) => k.softmaxF32(VECTOR / 1024, 1024, 1, x, y, 0)),
  reduceF32: vector(4, 4, (k, x, y) => k.reduceF32(reductions.mean, VECTOR / 1024, 1024, 1, x, y)),
  layerNormF32: vector(4, 4, (k, x, y, b) => k.layerNormF32(VECTOR / 512, 512, x, y, b, b, 1e-5, 1)),
  scaleShiftF32: vector(4, 4, (k, x, y, b) => k.scaleShiftF32(VECTOR / 64, 64, x, b, b, 0, 1, y, ...RANGE)),
  unaryF32: unary('sigmoid'),
  lutI8: vector(1, 1, (k, x, y, table) => k.lutI8(VECTOR, x, table, y)),
  quantizeF32I8: vector(4, 1, (k, x, y) => k.quantizeF32I8(VECTOR, x, y, 0.01, 3, -128, 127)),
  quantizeTransposeF32I8: vector(4, 1, (k, x, y) =>
    k.quantizeTransposeF32I8(1, 3, Math.floor(VECTOR / 3), x, y, 0.01, 3, -128, 127),
  ),
  dequantizeI8F32: vector(1, 4, (k, x, y) => k.dequantizeI8F32(VECTOR, x, y, 0.01, 3)),
  requantizeI8: vector(1, 1, (k, x, y) =>
    k.requantizeI8(SIDE, SIDE, x, SIDE, y, SIDE, 0.05, 3, 0.04, -7, -128, 127),
  ),
  copyRows: vector(1, 1, (k, x, y) => k.copyRows(VECTOR / 64, 64, x, 64, y, 64)),
  gatherRows: (k) => {
    const table = k.heap.place(Uint32Array.from({ length: VECTOR / 64 }, (_, i) => ((i * 7) % 4096) * 64));
    const x = k.heap.place(int8s(VECTOR));
    return output(k, VECTOR, (y) => k.gatherRows(VECTOR / 64, 64, table, x, x, y), VECTOR, 'value');
  },
  softmaxI8: (k) => {
    const exponentials = k.heap.place(Float64Array.from({ length: 256 }, (_, i) => Math.exp(-i * 0.05)));
    const x = k.heap.place(int8s(VECTOR));
    return output(
      k,
      VECTOR,
      (y) => k.softmaxI8(256, 1024, 1, x, y, exponentials, 1 / 256, -128),
      VECTOR,
      'value',
    );
  },
  flipSignI8: vector(1, 1, (k, x, y) => k.flipSignI8(VECTOR, x, y)),
  transposeF32: vector(4, 4, (k, x, y) => k.transposeF32(1, 64, VECTOR / 64, x, y)),
  transposeI8: vector(1, 1, (k, x, y) => k.transposeI8(1, 64, VECTOR / 64, x, y)),
  packGemmBFixedI8: (k) => {
    const b = k.heap.place(int8s(N * N));
    const block = k.heap.place(multiplierBlock(fixedPointMultipliers([1e-4], k.rounding)));
    const bytes = packedGemmI8Bytes(N, N, 'fixed-point');
    return output(k, bytes, (y) => k.packGemmBFixedI8(N, N, b, N, 1, 5, 0, block, y), N * N, 'value');
  },
  addFixedI8: fixedSum('addFixedI8'),
  subFixedI8: fixedSum('subFixedI8'),
  mulFixedI8: fixed(1, [0.02], (k, a, y, b, [scale]) =>
    k.mulFixedI8(1, VECTOR, a, b, VECTOR, 1, y, 3, -7, scale, 2, -128, 127),
  ),
  requantizeFixedI8: fixed(1, [1.25], (k, x, y, _, [scale]) =>
    k.requantizeFixedI8(SIDE, SIDE, x, SIDE, y, SIDE, scale, 3, -7, -128, 127),
  ),
  meanFixedI8: fixed(1, [1 / 512], (k, x, y, _, [scale]) =>
    k.meanFixedI8(1, VECTOR / 512, 512, x, y, scale, 3, -2, -128, 127),
  ),
  softmaxFixedI8: (k) => {
    const exponentials = Int32Array.from({ length: 256 }, (_, i) => Math.exp(-i * 0.05) * (2 ** 31 - 1));
    const [table, x] = [k.heap.place(exponentials), k.heap.place(int8s(VECTOR))];
    return output(k, VECTOR, (y) => k.softmaxFixedI8(256, 1024, 1, x, y, table), VECTOR, 'value');
  },
  ...sparse,
};

/** More shapes of the kernels that decide how fast a network runs. */
export const shapes = [
  {
    name: 'softmaxF32',
    label: '64 lines side by side',
    make: vector(4, 4, (k, x, y) => k.softmaxF32(4, 1024, 64, x, y, 0)),
  },
  {
    name: 'reduceF32',
    label: 'max',
    make: vector(4, 4, (k, x, y) => k.reduceF32(reductions.max, VECTOR / 1024, 1024, 1, x, y)),
  },
  ...['exp', 'tanh', 'erf', 'gelu', 'softplus', 'hardSwish'].map((name) => ({
    name: 'unaryF32',
    label: name,
    make: unary(name),
  })),
  { name: 'gemmF32', label: '512 x 512 x 512', make: (k) => gemmF32(k, { m: 512, n: 512, k: 512 }) },
  { name: 'gemmI8', label: '512 x 512 x 512', make: (k) => gemmI8(k, { m: 512, n: 512, k: 512 }) },
  { name: 'gemmF32', label: '1 x 1000 x 1280', make: (k) => gemmF32(k, { m: 1, n: 1000, k: 1280 }) },
  { name: 'gemmI8', label: '1 x 1000 x 1280', make: (k) => gemmI8(k, { m: 1, n: 1000, k: 1280 }) },
  ...[
    { label: '3x3/2, 224, 3 to 32', size: 224, channels: 3, outputs: 32, stride: 2 },
    { label: '5x5, 28, 1 to 20', size: 28, channels: 1, outputs: 20, kernel: 5, pad: 0 },
    { label: '3x3, 32, 16 to 16', size: 32, channels: 16 },
    { label: '3x3, 56, 64 to 64', size: 56, channels: 64 },
    { label: '3x3/2, 56, 64 to 128', size: 56, channels: 64, outputs: 128, stride: 2 },
    { label: '3x3, 7, 512', size: 7, channels: 512 },
    { label: '3x3, 14, 256', size: 14, channels: 256 },
    { label: '7x7/2, 224, 3 to 64', size: 224, channels: 3, outputs: 64, kernel: 7, stride: 2 },
    { label: '1x1, 112, 32 to 16', size: 112, channels: 32, outputs: 16, kernel: 1 },
    { label: '1x1, 112, 32 to 64', size: 112, channels: 32, outputs: 64, kernel: 1 },
    { label: '1x1, 56, 64 to 128', size: 56, channels: 64, outputs: 128, kernel: 1 },
    { label: '1x1, 56, 24 to 144', size: 56, channels: 24, outputs: 144, kernel: 1 },
    { label: '1x1, 14, 512', size: 14, channels: 512, kernel: 1 },
    { label: '1x1, 7, 1024', size: 7, channels: 1024, kernel: 1 },
  ].flatMap(({ label, ...shape }) => [
    { name: 'convF32', label, make: (k) => convF32(k, geometry(shape)) },
    { name: 'convI8', label, make: (k) => convI8(k, geometry(shape)) },
  ]),
  {
    name: 'depthwiseConvF32',
    label: '3x3/2, 112, 64',
    make: (k) => depthwiseConvF32(k, geometry({ size: 112, channels: 64, stride: 2 })),
  },
  {
    name: 'depthwiseConvI8',
    label: '3x3/2, 112, 64',
    make: (k) => depthwiseConvI8(k, geometry({ size: 112, channels: 64, stride: 2 })),
  },
  ...[
    { label: '3136 x 64 x 128, 10 %', m: 3136, depth: 64, n: 128, density: 0.1 },
    { label: '196 x 512 x 512, 10 %', m: 196, depth: 512, n: 512, density: 0.1 },
    { label: '196 x 512 x 512, 50 %', m: 196, depth: 512, n: 512, density: 0.5 },
  ].flatMap(({ label, ...shape }) => [
    { name: 'sparseGemmF32', label, make: (k) => sparse.sparseGemmF32(k, shape) },
    { name: 'sparseGemmI8', label, make: (k) => sparse.sparseGemmI8(k, shape) },
  ]),
  ...[
    { label: '1 x 4096 x 4096, 10 %', m: 1, depth: 4096, n: 4096, density: 0.1 },
    { label: '1 x 784 x 300, 30 %', m: 1, depth: 784, n: 300, density: 0.3 },
  ].flatMap(({ label, ...shape }) => [
    { name: 'sparseGemvF32', label, make: (k) => sparse.sparseGemvF32(k, shape) },
    { name: 'sparseGemvI8', label, make: (k) => sparse.sparseGemvI8(k, shape) },
  ]),
  ...[
    { label: '3x3, 32, 16 to 16, 10 %', size: 32, channels: 16, density: 0.1 },
    { label: '3x3, 56, 64 to 64, 10 %', size: 56, channels: 64, density: 0.1 },
    { label: '3x3, 56, 64 to 64, 40 %', size: 56, channels: 64, density: 0.4 },
  ].flatMap(({ label, ...shape }) => [
    { name: 'sparseConvF32', label, make: (k) => sparse.sparseConvF32(k, shape) },
    { name: 'sparseConvI8', label, make: (k) => sparse.sparseConvI8(k, shape) },
  ]),
];
