export { convF32 } from './conv-f32/simd';
export { convI8 } from './conv-i8/simd';
export { gemmF32 } from './gemm-f32/simd';
export { gemmI8 } from './gemm-i8/simd';
export { heapBase } from './heap-base';
export { packGemmBF32, packGemmBI8 } from './pack-gemm/scalar';
