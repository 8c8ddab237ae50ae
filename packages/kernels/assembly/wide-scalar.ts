// The judge of wide.ts, with assertions.
export { addI16, mulI16, subI16 } from './arithmetic-i16/scalar';
export { averagePoolI16 } from './average-pool-i16/scalar';
export { convI16 } from './conv-i16/scalar';
export { depthwiseConvI16 } from './depthwise-conv-i16/scalar';
export { dequantizeI16F32 } from './dequantize-i16-f32/scalar';
export { gemmI16 } from './gemm-i16/scalar';
export { leakyReluI16 } from './leaky-relu-i16/scalar';
export { matMulI16 } from './matmul-i16/scalar';
export { meanI16 } from './mean-i16/scalar';
export { quantizeF32I16 } from './quantize-f32-i16/scalar';
export { rescale } from './rescale/scalar';
export { sigmoidI16, tanhI16 } from './sigmoid-i16/scalar';
export { softmaxI16 } from './softmax-i16/scalar';
export { transposeI16 } from './transpose-i16/scalar';
