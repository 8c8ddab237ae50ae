export {
  type ConvI16Weights,
  convI16ScratchBytes,
  type DepthwiseI16Weights,
  GEMM_I16_SCRATCH_BYTES,
  type GemmI16Weights,
  packConvI16,
  packDepthwiseI16,
  packGemmI16,
} from './pack-i16.js';
export { runTimeMultiplier, type SumMultipliers, type SumRule } from './sum-multipliers.js';
export { exponentialTable, isNearPower, reciprocalTable, sigmoidScale, sigmoidTable } from './tables-i16.js';
export type { WideFunctions } from './wide-functions.js';
export { joinWideKernels, type WideKernels, withWideKernels } from './wide-loader.js';
export { type WideKernelName, type WideTable, wideKernelNames, wideTable } from './wide-table.js';
