/** What the writer calls the value that a pair of QuantizeLinear and DequantizeLinear makes `name` of. */
export function rawName(name: string): string {
  return `${name}_raw`;
}
