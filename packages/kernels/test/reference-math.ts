/** Functions in float64, to judge float32 ones by. */

export function sigmoid(x: number): number {
  return x < 0 ? Math.exp(x) / (1 + Math.exp(x)) : 1 / (1 + Math.exp(-x));
}

export function softplus(x: number): number {
  return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
}

/** x tanh(softplus(x)); e^x (e^x + 2) keeps its digits where tanh of a small number would too. */
export function mish(x: number): number {
  if (x > 40) return x;
  const e = Math.exp(x);
  return x * ((e * (e + 2)) / (e * (e + 2) + 2));
}

export function geluTanh(x: number): number {
  return x * sigmoid(2 * Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3));
}

/** x P(X <= x) for a standard normal X. */
export function gelu(x: number): number {
  const z = Math.abs(x) * Math.SQRT1_2;
  const tail = 0.5 * (z < 2 ? 1 - series(z) : erfcTail(z));
  return x * (x < 0 ? tail : 1 - tail);
}

export function erf(x: number): number {
  if (Number.isNaN(x)) return x;
  return Math.abs(x) < 2 ? series(x) : Math.sign(x) * (1 - erfcTail(Math.abs(x)));
}

/** Abramowitz and Stegun, 7.1.6: no term cancels. */
function series(x: number): number {
  let term = x;
  let sum = x;
  for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}

/** Abramowitz and Stegun, 7.1.14, for x >= 2. */
function erfcTail(x: number): number {
  let fraction = 0;
  for (let n = 60; n > 0; n--) fraction = n / 2 / (x + fraction);
  return Math.exp(-x * x) / (x + fraction) / Math.sqrt(Math.PI);
}
