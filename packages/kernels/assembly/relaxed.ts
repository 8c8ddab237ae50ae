// Everything of the SIMD binary; a kernel with a relaxed.ts is exported below and takes the place of the other.
export * from './simd';
