/**
 * The elementary functions of assembly/math-f32 in plain TypeScript: the same steps, each rounded to float32.
 * How near they are to the true functions is for math-accuracy.test.ts to say.
 */

const f = Math.fround;
const words = new DataView(new ArrayBuffer(4));

function bitsOf(x: number): number {
  words.setFloat32(0, x);
  return words.getInt32(0);
}

function fromBits(bits: number): number {
  words.setInt32(0, bits);
  return words.getFloat32(0);
}

/** Horner's rule, the leading coefficient first. */
function polynomial(x: number, coefficients: readonly number[]): number {
  return coefficients.reduce((sum, c) => f(f(sum * x) + f(c)), 0);
}

const ROUNDER = 12582912;

interface Reduced {
  readonly r: number;
  readonly n: number;
}

function reduce(x: number): Reduced {
  const rounded = f(f(x * f(Math.LOG2E)) + ROUNDER);
  const n = f(rounded - ROUNDER);
  const r = f(f(x - f(n * 0.693359375)) - f(n * f(-0.00021219444)));
  return { r, n: (bitsOf(rounded) - bitsOf(ROUNDER)) | 0 };
}

function expm1Series(r: number): number {
  const q = polynomial(r, [0.0013882517, 0.0083665475, 0.0416672, 0.16666543, 0.49999997]);
  return f(r + f(f(r * r) * q));
}

function scaledExp(r: number, n: number): number {
  const half = n >> 1;
  return f(f(f(expm1Series(r) + 1) * 2 ** half) * 2 ** (n - half));
}

export function exp(x: number): number {
  const { r, n } = reduce(Math.max(Math.min(x, 89), -104));
  return scaledExp(r, n);
}

export function expm1(x: number): number {
  const { r, n } = reduce(Math.max(x, -30));
  return f(f(expm1Series(r) * 2 ** n) + f(2 ** n - 1));
}

export function sigmoid(x: number): number {
  const z = exp(-Math.abs(x));
  return f((x < 0 ? z : 1) / f(1 + z));
}

function withSign(magnitude: number, x: number): number {
  return x < 0 || Object.is(x, -0) ? -magnitude : magnitude;
}

export function tanh(x: number): number {
  const e = expm1(2 * Math.min(Math.abs(x), 10));
  return withSign(f(e / f(e + 2)), x);
}

function logSeries(s: number): number {
  const w = f(s * s);
  return f(w * polynomial(w, [0.28018767, 0.2800054, 0.40021598, 0.6666641]));
}

export function log(x: number): number {
  if (Number.isNaN(x) || x < 0) return Number.NaN;
  if (x === 0) return -Infinity;
  if (x === Infinity) return x;
  const subnormal = x < 2 ** -126;
  const bits = bitsOf(subnormal ? x * 2 ** 23 : x);
  const exponent = (bits - 0x3f3504f3) >> 23;
  const part = f(fromBits(bits - (exponent << 23)) - 1);
  const n = exponent - (subnormal ? 23 : 0);
  const s = f(part / f(part + 2));
  const near = f(part - f(s * f(part - logSeries(s))));
  return f(f(f(n * f(-0.00021219444)) + near) + f(n * 0.693359375));
}

export function softplus(x: number): number {
  const z = exp(-Math.abs(x));
  const s = f(z / f(z + 2));
  return f(Math.max(x, 0) + f(f(s + s) + f(s * logSeries(s))));
}

export function normalTail(x: number): number {
  const a = Math.min(Math.abs(x), f(14.4));
  const high = fromBits(bitsOf(a) & -4096);
  const low = f(f(f(a - high) * f(a + high)) * -0.5);
  const { r, n } = reduce(f(f(high * high) * -0.5));
  const e = scaledExp(f(r + low), n);
  const p = polynomial(a, [0.0030357237, 0.03367672, 0.16313408, 0.41203016, 0.5]);
  const q = polynomial(a, [0.007609185, 0.08442729, 0.41626486, 1.1204004, 1.6219441, 1]);
  return f(f(e * p) / q);
}

export function erf(x: number): number {
  if (Math.abs(x) < f(0.9)) {
    const coefficients = [-0.0006090364, 0.0050119637, -0.02677891, 0.11282141, -0.37612525, 1.1283791];
    return f(x * polynomial(f(x * x), coefficients));
  }
  const tail = normalTail(f(x * f(Math.SQRT2)));
  return withSign(f(1 - f(tail + tail)), x);
}
