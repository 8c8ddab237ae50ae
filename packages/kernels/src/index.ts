export { GEOMETRY_BYTES, type Geometry, geometryWords, type RowRange } from './geometry.js';
export { Heap } from './heap.js';
export type { KernelFunctions } from './kernel-functions.js';
export {
  type BinaryName,
  type KernelEntry,
  type KernelName,
  type KernelTable,
  kernelNames,
  kernelTable,
} from './kernel-table.js';
export { instantiateKernels, type Kernels, loadKernels, loadKernelsSync } from './loader.js';
export { type Int8Params, lookupTable } from './lookup-table.js';
export {
  type ConvF32Weights,
  type ConvI8Weights,
  type ConvShape,
  packConvF32,
  packConvI8,
} from './pack-conv.js';
export {
  type DepthwiseF32Weights,
  type DepthwiseI8Weights,
  packDepthwiseConvF32,
  packDepthwiseConvI8,
} from './pack-depthwise.js';
export {
  type GemmF32Weights,
  type GemmI8Weights,
  packedGemmF32Bytes,
  packedGemmI8Bytes,
  packGemmF32,
  packGemmI8,
  requantizeMultiplier,
} from './pack-gemm.js';
export { convScratchBytes, depthwiseScratchBytes, gemmI8ScratchBytes } from './scratch.js';
