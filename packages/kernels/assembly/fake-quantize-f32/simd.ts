import { ADD, acrossLanes, clamp4, storeF32, tailMask } from '../lanes';

/** As ./scalar.ts, bit for bit. Reads up to 12 bytes past x, scales and zeros. */
export function fakeQuantizeF32(
  outer: i32, slices: i32, inner: i32, x: usize, scales: usize, zeros: usize, low: f32, high: f32, y: usize,
): void {
  const least = f32x4.splat(low);
  const most = f32x4.splat(high);
  for (let o = 0; o < outer; o++) {
    if (inner == 1) {
      quantizeRun(slices, x, scales, zeros, 16, least, most, y);
      x += <usize>slices << 2;
      y += <usize>slices << 2;
      continue;
    }
    for (let slice: usize = 0; slice < <usize>slices << 2; slice += 4) {
      quantizeRun(inner, x, scales + slice, zeros + slice, 0, least, most, y);
      x += <usize>inner << 2;
      y += <usize>inner << 2;
    }
  }
}

/** n floats; step: 16 where each has parameters of its own, 0 where all have the first ones. */
function quantizeRun(
  n: i32, x: usize, scales: usize, zeros: usize, step: usize, low: v128, high: v128, y: usize,
): void {
  let scale = v128.load32_splat(scales);
  let zero = v128.load32_splat(zeros);
  for (let left = n; left > 0; left -= 4) {
    if (step != 0) {
      scale = v128.load(scales);
      zero = v128.load(zeros);
    }
    const rounded = f32x4.nearest(f32x4.div(v128.load(x), scale));
    const code = clamp4(rounded, f32x4.sub(low, zero), f32x4.sub(high, zero));
    storeF32(y, f32x4.mul(f32x4.add(code, f32x4.splat(0)), scale), left);
    scales += step;
    zeros += step;
    x += 16;
    y += 16;
  }
}

/** As ./scalar.ts, bit for bit. Reads up to 12 bytes past x, dy, scales and zeros. */
export function fakeQuantizeGradientF32(
  outer: i32, slices: i32, inner: i32, x: usize, dy: usize, scales: usize, zeros: usize, low: f32, high: f32,
  dx: usize, sums: usize,
): void {
  const least = f32x4.splat(low);
  const most = f32x4.splat(high);
  for (let o = 0; o < outer; o++) {
    if (inner == 1) {
      gradientOfEach(slices, x, dy, scales, zeros, least, most, dx, sums);
      x += <usize>slices << 2;
      dy += <usize>slices << 2;
      dx += <usize>slices << 2;
      if (sums != 0) sums += <usize>slices << 2;
      continue;
    }
    for (let slice: usize = 0; slice < <usize>slices << 2; slice += 4) {
      const scale = v128.load32_splat(scales + slice);
      const zero = v128.load32_splat(zeros + slice);
      const sum = gradientOfRun(inner, x, dy, scale, f32x4.sub(least, zero), f32x4.sub(most, zero), dx);
      if (sums != 0) {
        store<f32>(sums, sum);
        sums += 4;
      }
      x += <usize>inner << 2;
      dy += <usize>inner << 2;
      dx += <usize>inner << 2;
    }
  }
}

/** dx, and what the scale of a run is worth. */
function gradientOfRun(n: i32, x: usize, dy: usize, scale: v128, low: v128, high: v128, dx: usize): f32 {
  let parts = f32x4.splat(0);
  for (; n >= 4; n -= 4) {
    const real = f32x4.div(v128.load(x), scale);
    const rounded = f32x4.nearest(real);
    const inside = isInside(rounded, low, high);
    const gradient = v128.load(dy);
    v128.store(dx, v128.and(gradient, inside));
    parts = f32x4.add(parts, worth(gradient, real, clamp4(rounded, low, high), inside));
    x += 16;
    dy += 16;
    dx += 16;
  }
  if (n > 0) {
    const real = f32x4.div(v128.load(x), scale);
    const rounded = f32x4.nearest(real);
    const inside = isInside(rounded, low, high);
    const gradient = v128.load(dy);
    storeF32(dx, v128.and(gradient, inside), n);
    const last = worth(gradient, real, clamp4(rounded, low, high), inside);
    parts = f32x4.add(parts, v128.and(last, tailMask(n)));
  }
  return f32x4.extract_lane(acrossLanes(ADD, parts), 0);
}

/** Runs of one element, each with a scale of its own. */
function gradientOfEach(
  n: i32, x: usize, dy: usize, scales: usize, zeros: usize, least: v128, most: v128, dx: usize, sums: usize,
): void {
  for (let left = n; left > 0; left -= 4) {
    const zero = v128.load(zeros);
    const low = f32x4.sub(least, zero);
    const high = f32x4.sub(most, zero);
    const real = f32x4.div(v128.load(x), v128.load(scales));
    const rounded = f32x4.nearest(real);
    const inside = isInside(rounded, low, high);
    const gradient = v128.load(dy);
    storeF32(dx, v128.and(gradient, inside), left);
    if (sums != 0) {
      // Added to the zeros of three other parts.
      const sum = f32x4.add(worth(gradient, real, clamp4(rounded, low, high), inside), f32x4.splat(0));
      storeF32(sums, sum, left);
      sums += 16;
    }
    scales += 16;
    zeros += 16;
    x += 16;
    dy += 16;
    dx += 16;
  }
}

@inline
function isInside(rounded: v128, low: v128, high: v128): v128 {
  return v128.and(f32x4.ge(rounded, low), f32x4.le(rounded, high));
}

@inline
function worth(gradient: v128, real: v128, code: v128, inside: v128): v128 {
  return f32x4.mul(gradient, f32x4.sub(code, v128.and(real, inside)));
}
