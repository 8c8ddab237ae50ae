// The judge of dynamic.ts and dynamic-relaxed.ts, with assertions.
export { convDynamic } from './conv-dynamic/scalar';
export { depthwiseConvDynamic } from './depthwise-conv-dynamic/scalar';
export { dynamicCodes } from './dynamic-codes/scalar';
export { gemmDynamic } from './gemm-dynamic/scalar';
