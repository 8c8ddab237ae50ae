export const input = Float32Array.from({ length: 64 }, (_, i) => ((i * 37) % 64) / 32 - 1);
