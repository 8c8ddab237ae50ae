/** 2 / sqrt(pi) */
const twoOverRootPi = 1.1283791670955126;

/** From here on the continued fraction of erfc converges faster than the series of erf. */
const seriesEnd = 2.5;

/**
 * The error function, within a few units of double precision.
 *
 * @see Abramowitz and Stegun, Handbook of Mathematical Functions, 7.1.6
 */
export function erf(x: number): number {
  if (Number.isNaN(x)) return x;
  const magnitude = Math.abs(x);
  if (magnitude < seriesEnd) return series(x);
  return Math.sign(x) * (1 - tail(magnitude));
}

/** 1 - erf(x), precise in the tail too, where that difference cancels. */
export function erfc(x: number): number {
  if (Number.isNaN(x)) return x;
  if (x >= 0.5 && x < seriesEnd) return tail(x);
  if (x < seriesEnd) return x > -seriesEnd ? 1 - series(x) : 2 - tail(-x);
  return tail(x);
}

/** erf(x) = 2 / sqrt(pi) * exp(-x^2) * sum of 2^n x^(2n+1) / (1 * 3 * ... * (2n+1)): no term cancels. */
function series(x: number): number {
  let term = x;
  let sum = x;
  for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return twoOverRootPi * Math.exp(-x * x) * sum;
}

/**
 * erfc(x) for x > 0 by its continued fraction, evaluated from the far end. Terms: 20 are exact to double
 * precision from 2.5 on; smaller x needs more.
 *
 * @see Abramowitz and Stegun, 7.1.14
 */
function tail(x: number): number {
  if (x > 27.3) return 0;
  let fraction = 0;
  for (let n = Math.ceil(20 + 200 / (x * x)); n > 0; n--) fraction = n / 2 / (x + fraction);
  return (twoOverRootPi / 2) * (Math.exp(-x * x) / (x + fraction));
}
