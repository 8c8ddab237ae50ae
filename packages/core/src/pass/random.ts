/** Reproducible randomness: the same seed gives the same numbers on every machine. */
export interface Random {
  /** Uniform in [0, 1), a multiple of 2^-32. */
  next(): number;
  /** A whole number in [0, below). */
  below(limit: number): number;
  /** Standard normal. */
  normal(): number;
  /** An independent stream. The same name gives the same stream, however far this one has run. */
  fork(name: string): Random;
}

/**
 * Seeded generator: xoshiro128** (Blackman and Vigna 2021, "Scrambled linear pseudorandom number
 * generators"), its state filled by splitmix32 from the seed.
 */
export function createRandom(seed: number | string): Random {
  let mix = hash(String(seed));
  const split = (): number => {
    mix = (mix + 0x9e3779b9) | 0;
    let z = mix ^ (mix >>> 16);
    z = Math.imul(z, 0x21f0aaad);
    z ^= z >>> 15;
    z = Math.imul(z, 0x735a2d97);
    return z ^ (z >>> 15);
  };
  let [a, b, c, d] = [split(), split(), split(), split()];
  const bits = (): number => {
    const result = Math.imul(rotateLeft(Math.imul(b, 5), 7), 9) >>> 0;
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = rotateLeft(d, 11);
    return result;
  };
  const next = (): number => bits() / 2 ** 32;
  return {
    next,
    below: (limit) => Math.floor(next() * limit),
    // Box and Muller 1958; 1 - next() is never 0.
    normal: () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()),
    fork: (name) => createRandom(`${seed}/${name}`),
  };
}

function rotateLeft(x: number, by: number): number {
  return (x << by) | (x >>> (32 - by));
}

/** FNV-1a, 32 bits. */
function hash(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return h;
}
