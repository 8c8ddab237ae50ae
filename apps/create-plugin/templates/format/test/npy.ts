/** The bytes of `numpy.save(values.reshape(shape))`, version 1.0, in the machine's little-endian order. */
export function npy(
  values: readonly number[],
  {
    shape,
    elementBytes = 4,
    fortranOrder = false,
  }: { readonly shape: readonly number[]; readonly elementBytes?: 4 | 8; readonly fortranOrder?: boolean },
): Uint8Array {
  const dims = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const order = fortranOrder ? 'True' : 'False';
  const dict = `{'descr': '<f${elementBytes}', 'fortran_order': ${order}, 'shape': (${dims}), }`;
  // Padded so that the elements begin at a multiple of 64.
  const text = `${dict.padEnd(Math.ceil((dict.length + 11) / 64) * 64 - 11)}\n`;
  const data = elementBytes === 4 ? Float32Array.from(values) : Float64Array.from(values);
  return Uint8Array.of(
    ...[0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, text.length & 255, text.length >> 8],
    ...new TextEncoder().encode(text),
    ...new Uint8Array(data.buffer),
  );
}
