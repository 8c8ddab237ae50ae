// Everything of the SIMD binary, since a step runs the network forward too; a kernel exported below takes the place of the
// other of its name.
export * from './simd';
export { adamF32 } from './adam-f32/simd';
export { averagePoolGradientF32 } from './average-pool-gradient-f32/simd';
export { clampGradientF32 } from './clamp-gradient-f32/simd';
export { clusterSumF32, fromClustersF32 } from './cluster-f32/scalar';
export { convInputGradientF32 } from './conv-input-gradient-f32/simd';
export { convWeightGradientF32 } from './conv-weight-gradient-f32/simd';
export { convWeightGradientWinogradF32 } from './conv-weight-gradient-winograd-f32/simd';
export { crossEntropyF32 } from './cross-entropy-f32/simd';
export { depthwiseInputGradientF32, depthwiseWeightGradientF32 } from './depthwise-gradient-f32/simd';
export { dropoutF32 } from './dropout-f32/simd';
export { fakeQuantizeF32, fakeQuantizeGradientF32 } from './fake-quantize-f32/simd';
export { fakeRequantizeF32, requantizeMultipliersF32, wholeF32 } from './fake-requantize-f32/simd';
export { fillF32 } from './fill-f32/simd';
export { gatherSumF32 } from './gather-sum-f32/scalar';
export { maskF32 } from './mask-f32/simd';
export { maxPoolGradientF32 } from './max-pool-gradient-f32/simd';
export { packGemmBF32 } from './pack-gemm-f32/simd';
export { packWinogradF32 } from './pack-winograd-f32/scalar';
export { sgdF32 } from './sgd-f32/simd';
export { unaryGradientF32 } from './unary-gradient-f32/simd';
