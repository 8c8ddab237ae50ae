/**
 * y = x * scale where element i is kept, else 0. The same call on the gradient gives the gradient: nothing is stored.
 *
 * Element i is kept where hash(i) >= limit, both unsigned: the fraction dropped is limit / 2^32. The hash is made of i,
 * `layer` and `key`, the address of a word that changes from step to step: every machine and every split over threads
 * drops the same elements. `first` is the index of the first element. y may be x.
 *
 * @see Srivastava et al. 2014, "Dropout", with the scale of its section 10 (inverted dropout)
 */
export function dropoutF32(
  n: i32, first: i32, x: usize, y: usize, key: usize, layer: i32, limit: u32, scale: f32,
): void {
  assert(n >= 0);
  const mixed = hash(load<i32>(key) ^ hash(layer));
  for (let i = 0; i < n; i++) {
    const kept = <u32>hash(hash(first + i) + mixed) >= limit;
    store<f32>(y + (i << 2), kept ? load<f32>(x + (i << 2)) * scale : 0);
  }
}

/**
 * A permutation of 32 bit words in which each bit of the input changes each bit of the result in half of all cases.
 *
 * @see Wellons 2018, "Prospecting for Hash Functions": the constants of lowbias32
 */
@inline
export function hash(x: i32): i32 {
  x ^= x >>> 16;
  x *= <i32>0x7feb352d;
  x ^= x >>> 15;
  x *= <i32>0x846ca68b;
  return x ^ (x >>> 16);
}
