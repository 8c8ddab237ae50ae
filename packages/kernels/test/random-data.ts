import fc from 'fast-check';

/** Seeded numbers of one kind: small counterexamples without arrays of thousands of entries. */
export interface Data {
  readonly seed: number;
  readonly kind: 'random' | 'lowest' | 'highest' | 'extremes';
}

export const data: fc.Arbitrary<Data> = fc.record({
  seed: fc.integer({ min: 1, max: 0x7fffffff }),
  kind: fc.oneof(
    { arbitrary: fc.constant('random' as const), weight: 4 },
    fc.constantFrom('lowest' as const, 'highest' as const, 'extremes' as const),
  ),
});

/** Marsaglia's xorshift32: uniform in [0, 1). */
export function uniform(seed: number): () => number {
  let state = seed | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

const KINDS = { random: undefined, lowest: -128, highest: 127 };

/** `length` int8; every value of a kind `lowest` is -128. */
export function int8s(length: number, { seed, kind }: Data): Int8Array {
  const next = uniform(seed);
  if (kind === 'extremes') return Int8Array.from({ length }, () => (next() < 0.5 ? -128 : 127));
  return Int8Array.from({ length }, () => KINDS[kind] ?? Math.floor(next() * 256) - 128);
}

/** `length` int32 of a size biases have. */
export function biases(length: number, { seed }: Data): Int32Array {
  const next = uniform(seed);
  return Int32Array.from({ length }, () => Math.floor((next() - 0.5) * 20000));
}

const SPECIAL = [0, -0, 1, -1, Number.NaN, Infinity, -Infinity, 1e-40, -3e38, 0.5, 2.5];

/** `length` float32; `extremes` mixes in NaN, infinities, -0 and subnormals. */
export function float32s(length: number, { seed, kind }: Data): Float32Array {
  const next = uniform(seed);
  const special = kind === 'extremes';
  return Float32Array.from({ length }, () => {
    const value = (next() - 0.5) * 4;
    // In range: the index is below the length.
    return special && next() < 0.2 ? SPECIAL[Math.floor(next() * SPECIAL.length)]! : value;
  });
}

/** Multipliers that take int32 sums of about `size` into int8 range, some beyond it. */
export function multipliers(length: number, size: number, { seed }: Data): Float32Array {
  const next = uniform(seed ^ 0x5bd1e995);
  return Float32Array.from({ length }, () => (0.05 + next() * 2) / (Math.sqrt(size) * 40));
}

export const zeroPoint: fc.Arbitrary<number> = fc.oneof(
  fc.integer({ min: -128, max: 127 }),
  fc.constantFrom(-128, 0, 127),
);

/** Bounds of a fused clamp in quantized values, low <= high. */
export const int8Range: fc.Arbitrary<readonly [number, number]> = fc.oneof(
  fc.constant([-128, 127] as const),
  fc.tuple(zeroPoint, zeroPoint).map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const),
);

/** Bounds of a fused clamp in float32, low <= high. */
export const floatRange: fc.Arbitrary<readonly [number, number]> = fc.constantFrom(
  [-Infinity, Infinity] as const,
  [0, Infinity] as const,
  [0, 6] as const,
  [-1, 1] as const,
);

/** A whole number, often the small and odd ones where tails are. */
export function size(max: number): fc.Arbitrary<number> {
  return fc.oneof(fc.integer({ min: 1, max: Math.min(9, max) }), fc.integer({ min: 1, max }));
}

/** Sets elements to zero; each is kept with the probability that `density` gives for its index. */
export function prune<T extends Float32Array | Int8Array>(
  values: T,
  { seed }: Data,
  density: (index: number) => number,
): T {
  const next = uniform(seed ^ 0x2545f491);
  for (let i = 0; i < values.length; i++) if (next() >= density(i)) values[i] = 0;
  return values;
}
