export type { ConvShape } from './conv-shape.js';
export { hasRelaxedSimd, type RelaxedDot } from './features.js';
export {
  type FixedPoint,
  fixedPoint,
  fixedPointMean,
  fixedPointMultipliers,
  fixedPointScale,
} from './fixed-point.js';
export { GEOMETRY_BYTES, type Geometry, geometryWords, type RowRange } from './geometry.js';
export { Heap } from './heap.js';
export { type CompiledKernels, instantiateKernels, type Kernels } from './instantiate.js';
export type { KernelFunctions } from './kernel-functions.js';
export {
  type BinaryName,
  type KernelEntry,
  type KernelName,
  type KernelTable,
  kernelNames,
  kernelTable,
} from './kernel-table.js';
export { type LoadOptions, loadKernels, type ShippedBinary, startCompilingKernels } from './loader.js';
export { loadKernelsSync } from './loader-sync.js';
export { type Int8Params, lookupTable } from './lookup-table.js';
export {
  type FixedPointMultipliers,
  type MultiplierKind,
  type Multipliers,
  multiplierBlock,
  type Rounding,
} from './multipliers.js';
export { type ConvI8Weights, packConvI8 } from './pack-conv.js';
export { type ConvF32Weights, packConvF32 } from './pack-conv-f32.js';
export {
  type ConvTransposeF32Weights,
  convTransposeScratchBytes,
  packConvTransposeF32,
} from './pack-conv-transpose-f32.js';
export { type DepthwiseI8Weights, packDepthwiseConvI8 } from './pack-depthwise.js';
export { type DepthwiseF32Weights, packDepthwiseConvF32 } from './pack-depthwise-f32.js';
export { type GemmI8Weights, packedGemmI8Bytes, packGemmI8, requantizeMultiplier } from './pack-gemm.js';
export {
  type GemmF32Weights,
  packedGemmF32Bytes,
  packGemmF32,
  packSharedGemmF32,
  type SharedGemmF32Weights,
} from './pack-gemm-f32.js';
export {
  packSparseF32,
  packSparseVectorF32,
  type SparseF32Weights,
  sparseConvF32ScratchBytes,
  sparseGemmF32ScratchBytes,
} from './pack-sparse-f32.js';
export {
  MOST_SPARSE_GEMM_I8_ROWS,
  packSparseI8,
  packSparseVectorI8,
  type SparseI8Weights,
  sparseConvI8ScratchBytes,
  sparseGemmI8ScratchBytes,
} from './pack-sparse-i8.js';
export { PERMUTE_BYTES, permuteWords, viewWords } from './permute.js';
export { type PackingKernels, placeConvI8, placeGemmI8 } from './place-i8.js';
export { type ReductionName, reductions } from './reductions.js';
export { type ResampleTaps, resampleTable } from './resample-table.js';
export { convScratchBytes, depthwiseScratchBytes } from './scratch.js';
export { gemmI8ScratchBytes } from './scratch-i8.js';
export {
  type MatrixLayout,
  MOST_SPARSE_ROWS,
  type SparseColumns,
  sparseColumns,
  sparseColumnsAt,
  tapsFirstColumns,
} from './sparse-columns.js';
export {
  SPARSE_BLOCK_ROWS,
  type SparseForm,
  type SparseLimit,
  type SparseWindow,
  sparseConvLimit,
  sparseLimit,
} from './sparse-limits.js';
export { type UnaryFunctionName, unaryFunctions } from './unary-functions.js';
export type { KernelMemory, KernelModule } from './wasm-types.js';
export type { WeightFormat } from './weight-format.js';
export type { ConvWindow } from './winograd.js';
