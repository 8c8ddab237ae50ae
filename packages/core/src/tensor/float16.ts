const f32 = new Float32Array(1);
const u32 = new Uint32Array(f32.buffer);

/**
 * The bits of the IEEE 754 binary16 nearest to `value`, ties to even; beyond 65504 infinity.
 * `value` is rounded to float32 first. NaN becomes 0x7e00 with its sign.
 *
 * @see IEEE 754-2019, sections 3.6 and 4.3.1
 */
export function float32ToFloat16(value: number): number {
  f32[0] = value;
  const bits = u32[0] ?? 0;
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = bits & 0x7fffffff;
  if (magnitude >= 0x7f800000) return sign | (magnitude > 0x7f800000 ? 0x7e00 : 0x7c00);
  if (magnitude >= 0x47800000) return sign | 0x7c00;
  // Below 2^-14 the result is subnormal: shift the full significand, rounding what falls out.
  if (magnitude < 0x38800000) {
    if (magnitude < 0x33000000) return sign;
    const shift = 126 - (magnitude >>> 23);
    const significand = (magnitude & 0x7fffff) | 0x800000;
    return sign | roundShift(significand, shift);
  }
  // A carry out of the significand raises the exponent, up to infinity: that is the right result.
  return sign | roundShift(magnitude - 0x38000000, 13);
}

/** x / 2^shift, ties to even. */
function roundShift(x: number, shift: number): number {
  const quotient = x >>> shift;
  const rest = x & (2 ** shift - 1);
  const half = 2 ** (shift - 1);
  return rest > half || (rest === half && (quotient & 1) === 1) ? quotient + 1 : quotient;
}

let table: Float32Array | undefined;

/** All 65536 values: decoding an array is then one load an element. */
function float16Values(): Float32Array {
  if (table !== undefined) return table;
  table = new Float32Array(65536);
  for (let bits = 0; bits < 65536; bits++) table[bits] = float16Value(bits);
  return table;
}

function float16Value(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >>> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1024 + fraction) * 2 ** (exponent - 25);
}

/** The float32 values of binary16 bits; exact. */
export function float16ToFloat32(bits: Uint16Array): Float32Array {
  const values = float16Values();
  const out = new Float32Array(bits.length);
  for (let i = 0; i < bits.length; i++) out[i] = values[bits[i] ?? 0] ?? 0;
  return out;
}

/** The binary16 bits nearest to float32 values, ties to even. */
export function toFloat16Bits(values: Float32Array): Uint16Array {
  const out = new Uint16Array(values.length);
  for (let i = 0; i < values.length; i++) out[i] = float32ToFloat16(values[i] ?? 0);
  return out;
}
