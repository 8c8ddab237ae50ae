export { convF32 } from './conv-f32/scalar';
export { convI8 } from './conv-i8/scalar';
export { gemmF32 } from './gemm-f32/scalar';
export { gemmI8 } from './gemm-i8/scalar';
export { heapBase } from './heap-base';
export { packGemmBF32, packGemmBI8 } from './pack-gemm/scalar';
