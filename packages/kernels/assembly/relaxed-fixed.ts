// Everything of the SIMD binary; a kernel with a relaxed.ts is exported below and takes the place of the other.
export * from './simd-fixed';
export { convI8 } from './conv-i8/relaxed';
export { depthwiseConvI8 } from './depthwise-conv-i8/relaxed';
export { gemmI8 } from './gemm-i8/relaxed';
