// Kernels for codes of ranges that are known at run time. A binary of its own over the memory of another one, so it must not hold
// constants there; for weights in format DOT16_NARROW.
export { convDynamic } from './conv-dynamic/simd';
export { depthwiseConvDynamic } from './depthwise-conv-dynamic/simd';
export { dynamicCodes } from './dynamic-codes/simd';
export { gemmDynamic } from './gemm-dynamic/simd';
