/**
 * y = table[x + 128] over n int8: any function of one quantized tensor (HardSwish, Sigmoid, Tanh ...).
 * table: 256 int8 for the inputs -128 to 127, made by `lookupTable`. y may be x.
 */
export function lutI8(n: i32, x: usize, table: usize, y: usize): void {
  for (let i = 0; i < n; i++) store<u8>(y + i, load<u8>(table + (<usize>load<u8>(x + i) ^ 128)));
}
