// Kernels for int16 activations. A binary of its own over the memory of another
// one, so it must not hold constants there.
export { addI16, mulI16, subI16 } from './arithmetic-i16/simd';
export { averagePoolI16 } from './average-pool-i16/scalar';
export { convI16 } from './conv-i16/simd';
export { depthwiseConvI16 } from './depthwise-conv-i16/simd';
export { dequantizeI16F32 } from './dequantize-i16-f32/simd';
export { gemmI16 } from './gemm-i16/simd';
export { leakyReluI16 } from './leaky-relu-i16/scalar';
export { matMulI16 } from './matmul-i16/scalar';
export { meanI16 } from './mean-i16/scalar';
export { quantizeF32I16 } from './quantize-f32-i16/simd';
export { rescale } from './rescale/scalar';
export { sigmoidI16, tanhI16 } from './sigmoid-i16/scalar';
export { softmaxI16 } from './softmax-i16/scalar';
export { transposeI16 } from './transpose-i16/simd';
