/**
 * The gradient of what was copied to several places: y[i] is the sum of x[places[k]] for k from starts[i] up to
 * starts[i + 1], in that order. starts: n + 1 uint32, places: uint32. Every address is looked up, so there is no vector
 * form.
 */
export function gatherSumF32(n: i32, starts: usize, places: usize, x: usize, y: usize): void {
  assert(n >= 0);
  for (let i = 0; i < n; i++) {
    const end = load<u32>(starts + (i << 2), 4);
    let sum: f32 = 0;
    for (let k = load<u32>(starts + (i << 2)); k < end; k++) {
      sum += load<f32>(x + (<usize>load<u32>(places + (<usize>k << 2)) << 2));
    }
    store<f32>(y + (i << 2), sum);
  }
}
