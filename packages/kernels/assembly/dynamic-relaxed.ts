// Kernels for codes of ranges that are known at run time. A binary of its own over the memory of another one, so it must not hold
// constants there; for weights in the formats of the relaxed dot product.
export { convDynamic } from './conv-dynamic/relaxed';
export { depthwiseConvDynamic } from './depthwise-conv-dynamic/simd';
export { dynamicCodes } from './dynamic-codes/simd';
export { gemmDynamic } from './gemm-dynamic/relaxed';
