import type { KernelFunctions } from './kernel-functions.js';
import type { MultiplierKind } from './multipliers.js';

/** The binaries built from assembly/. `scalar` is made for tests only and is not shipped. */
export type BinaryName = 'simd' | 'relaxed' | 'fast' | 'scalar';

/** The exported function of a kernel. */
export type KernelName = keyof KernelFunctions;

/** One row of the kernel table. */
export interface KernelEntry<Arity extends number = number> {
  /** Operation and type; also its folder in assembly/ where it has one of its own. */
  readonly name: string;
  /** Number of arguments: the loader compares it with the binary. */
  readonly arity: Arity;
  readonly binaries: readonly BinaryName[];
  /** The only binaries that have it: those of this kind of multipliers. Absent: all. */
  readonly multipliers?: MultiplierKind;
  readonly summary: string;
}

/** A row for every function, with the right number of arguments. */
export type KernelTable = {
  readonly [Name in KernelName]: KernelEntry<Parameters<KernelFunctions[Name]>['length']>;
};

const ALL: readonly BinaryName[] = ['simd', 'relaxed', 'fast', 'scalar'];

/** Every kernel there is. Loader, tests and benchmarks walk this table. */
export const kernelTable: KernelTable = {
  gemmF32: { name: 'gemm-f32', arity: 10, binaries: ALL, summary: 'Matrix product, bias and clamp' },
  gemmI8: { name: 'gemm-i8', arity: 14, binaries: ALL, summary: 'Matrix product, requantized' },
  sparseGemmF32: {
    name: 'sparse-gemm-f32',
    arity: 11,
    binaries: ALL,
    summary: 'Matrix product by pruned weights',
  },
  sparseGemmI8: {
    name: 'sparse-gemm-i8',
    arity: 13,
    binaries: ALL,
    multipliers: 'float32',
    summary: 'Matrix product by pruned weights',
  },
  sparseGemvF32: {
    name: 'sparse-gemv-f32',
    arity: 10,
    binaries: ALL,
    summary: 'Few rows by pruned weights',
  },
  sparseGemvI8: {
    name: 'sparse-gemv-i8',
    arity: 12,
    binaries: ALL,
    multipliers: 'float32',
    summary: 'Few rows by pruned weights',
  },
  sparseConvF32: {
    name: 'sparse-conv-f32',
    arity: 7,
    binaries: ALL,
    summary: 'Convolution by pruned weights',
  },
  sparseConvI8: {
    name: 'sparse-conv-i8',
    arity: 9,
    binaries: ALL,
    multipliers: 'float32',
    summary: 'Convolution by pruned weights',
  },
  packColumnsI8: { name: 'pack-columns-i8', arity: 6, binaries: ALL, summary: 'Packs int8 weights' },
  packGemmBF32: { name: 'pack-gemm-f32', arity: 7, binaries: ALL, summary: 'Packs a run-time matrix' },
  packGemmBI8: {
    name: 'pack-gemm-i8',
    arity: 9,
    binaries: ALL,
    multipliers: 'float32',
    summary: 'Packs a run-time matrix',
  },
  convF32: { name: 'conv-f32', arity: 8, binaries: ALL, summary: '2-D convolution, bias and clamp' },
  convI8: { name: 'conv-i8', arity: 10, binaries: ALL, summary: '2-D convolution, requantized' },
  convTransposeF32: {
    name: 'conv-transpose-f32',
    arity: 8,
    binaries: ALL,
    summary: 'Transposed 2-D convolution, bias and clamp',
  },
  depthwiseConvF32: {
    name: 'depthwise-conv-f32',
    arity: 7,
    binaries: ALL,
    summary: 'Convolution channel by channel, bias and clamp',
  },
  depthwiseConvI8: {
    name: 'depthwise-conv-i8',
    arity: 9,
    binaries: ALL,
    summary: 'Convolution channel by channel, requantized',
  },
  maxPoolF32: { name: 'max-pool-f32', arity: 3, binaries: ALL, summary: 'Largest value under each window' },
  maxPoolI8: { name: 'max-pool-i8', arity: 3, binaries: ALL, summary: 'Largest value under each window' },
  averagePoolF32: { name: 'average-pool-f32', arity: 4, binaries: ALL, summary: 'Mean under each window' },
  averagePoolI8: {
    name: 'average-pool-i8',
    arity: 9,
    binaries: ALL,
    summary: 'Mean under each window, requantized',
  },
  globalAveragePoolF32: {
    name: 'global-average-pool-f32',
    arity: 5,
    binaries: ALL,
    summary: 'Mean of each channel',
  },
  globalAveragePoolI8: {
    name: 'global-average-pool-i8',
    arity: 10,
    binaries: ALL,
    multipliers: 'float32',
    summary: 'Mean of each channel, requantized',
  },
  addF32: { name: 'add-f32', arity: 9, binaries: ALL, summary: 'Sum with broadcast and clamp' },
  subF32: { name: 'sub-f32', arity: 9, binaries: ALL, summary: 'Difference with broadcast and clamp' },
  mulF32: { name: 'mul-f32', arity: 9, binaries: ALL, summary: 'Product with broadcast and clamp' },
  divF32: { name: 'div-f32', arity: 9, binaries: ALL, summary: 'Quotient with broadcast and clamp' },
  preluF32: { name: 'prelu-f32', arity: 9, binaries: ALL, summary: 'Slopes below zero, with broadcast' },
  addI8: {
    name: 'add-i8',
    arity: 15,
    binaries: ALL,
    multipliers: 'float32',
    summary: 'Sum with broadcast, requantized',
  },
  mulI8: {
    name: 'mul-i8',
    arity: 15,
    binaries: ALL,
    multipliers: 'float32',
    summary: 'Product with broadcast, requantized',
  },
  clampF32: { name: 'clamp-f32', arity: 5, binaries: ALL, summary: 'Clamp' },
  lstmF32: { name: 'lstm-f32', arity: 11, binaries: ALL, summary: 'One direction of an LSTM' },
  gruF32: { name: 'gru-f32', arity: 11, binaries: ALL, summary: 'One direction of a GRU' },
  permute: { name: 'permute', arity: 3, binaries: ALL, summary: 'Axes in any other order' },
  resampleF32: {
    name: 'resample-f32',
    arity: 8,
    binaries: ALL,
    summary: 'One axis of a linear or cubic Resize',
  },
  softmaxF32: { name: 'softmax-f32', arity: 6, binaries: ALL, summary: 'Softmax or its logarithm' },
  reduceF32: {
    name: 'reduce-f32',
    arity: 6,
    binaries: ALL,
    summary: 'Sums, means and extremes over an axis',
  },
  layerNormF32: { name: 'layer-norm-f32', arity: 8, binaries: ALL, summary: 'Each row normalized' },
  scaleShiftF32: {
    name: 'scale-shift-f32',
    arity: 10,
    binaries: ALL,
    summary: 'Batch normalization, clamp',
  },
  unaryF32: { name: 'unary-f32', arity: 6, binaries: ALL, summary: 'Functions of one float32' },
  lutI8: { name: 'lut-i8', arity: 4, binaries: ALL, summary: 'Any function of one int8, by table' },
  quantizeF32I8: { name: 'quantize-f32-i8', arity: 7, binaries: ALL, summary: 'Float32 to int8' },
  quantizeTransposeF32I8: {
    name: 'quantize-transpose-f32-i8',
    arity: 9,
    binaries: ALL,
    summary: 'Float32 NCHW to int8 NHWC',
  },
  dequantizeI8F32: { name: 'dequantize-i8-f32', arity: 5, binaries: ALL, summary: 'Int8 to float32' },
  requantizeI8: {
    name: 'requantize-i8',
    arity: 12,
    binaries: ALL,
    multipliers: 'float32',
    summary: 'Int8 to another scale; Concat',
  },
  copyRows: { name: 'copy-rows', arity: 6, binaries: ALL, summary: 'Copies rows; Concat and Slice' },
  gatherRows: {
    name: 'gather-rows',
    arity: 6,
    binaries: ALL,
    summary: 'Copies rows from places in a table',
  },
  softmaxI8: {
    name: 'softmax-i8',
    arity: 8,
    binaries: ALL,
    multipliers: 'float32',
    summary: 'Softmax along an axis, to int8',
  },
  flipSignI8: { name: 'flip-sign-i8', arity: 3, binaries: ALL, summary: 'Uint8 to int8 and back' },
  transposeF32: { name: 'transpose-f32', arity: 5, binaries: ALL, summary: 'NCHW to NHWC and back, 32 bit' },
  transposeI8: { name: 'transpose-i8', arity: 5, binaries: ALL, summary: 'NCHW to NHWC and back, bytes' },
  packGemmBFixedI8: {
    name: 'pack-gemm-fixed-i8',
    arity: 9,
    binaries: ALL,
    multipliers: 'fixed-point',
    summary: 'Packs a run-time matrix',
  },
  addFixedI8: {
    name: 'add-fixed-i8',
    arity: 15,
    binaries: ALL,
    multipliers: 'fixed-point',
    summary: 'Sum as TensorFlow Lite has it',
  },
  subFixedI8: {
    name: 'sub-fixed-i8',
    arity: 15,
    binaries: ALL,
    multipliers: 'fixed-point',
    summary: 'Difference as TensorFlow Lite has it',
  },
  mulFixedI8: {
    name: 'mul-fixed-i8',
    arity: 13,
    binaries: ALL,
    multipliers: 'fixed-point',
    summary: 'Product as TensorFlow Lite has it',
  },
  requantizeFixedI8: {
    name: 'requantize-fixed-i8',
    arity: 11,
    binaries: ALL,
    multipliers: 'fixed-point',
    summary: 'Int8 to another scale, as TensorFlow Lite has it',
  },
  meanFixedI8: {
    name: 'mean-fixed-i8',
    arity: 10,
    binaries: ALL,
    multipliers: 'fixed-point',
    summary: 'Mean or sum over an axis, as TensorFlow Lite has it',
  },
  softmaxFixedI8: {
    name: 'softmax-fixed-i8',
    arity: 6,
    binaries: ALL,
    multipliers: 'fixed-point',
    summary: 'Softmax as TensorFlow Lite has it',
  },
};

/** The names in the order of the table. */
// Object.keys of a record with literal keys: exactly those keys.
export const kernelNames: readonly KernelName[] = Object.keys(kernelTable) as KernelName[];
