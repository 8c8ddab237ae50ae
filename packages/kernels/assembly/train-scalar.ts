// The judge of the kernels that train. Not shipped.
export * from './scalar';
export { adamF32 } from './adam-f32/scalar';
export { averagePoolGradientF32 } from './average-pool-gradient-f32/scalar';
export { clampGradientF32 } from './clamp-gradient-f32/scalar';
export { clusterSumF32, fromClustersF32 } from './cluster-f32/scalar';
export { convInputGradientF32 } from './conv-input-gradient-f32/scalar';
export { convWeightGradientF32 } from './conv-weight-gradient-f32/scalar';
export { convWeightGradientWinogradF32 } from './conv-weight-gradient-winograd-f32/scalar';
export { crossEntropyF32 } from './cross-entropy-f32/scalar';
export { depthwiseInputGradientF32, depthwiseWeightGradientF32 } from './depthwise-gradient-f32/scalar';
export { dropoutF32 } from './dropout-f32/scalar';
export { fillF32 } from './fill-f32/scalar';
export { gatherSumF32 } from './gather-sum-f32/scalar';
export { maskF32 } from './mask-f32/scalar';
export { maxPoolGradientF32 } from './max-pool-gradient-f32/scalar';
export { packWinogradF32 } from './pack-winograd-f32/scalar';
export { sgdF32 } from './sgd-f32/scalar';
export { unaryGradientF32 } from './unary-gradient-f32/scalar';
