import { inferShapes, type Model } from '@espalier/core';
import { seededValues } from '../seeded-values.js';
import { parseModel } from '../text/parse-model.js';

const normLines = `
    constant s: float32[4] = random(5, 0.5, 1.5)
    constant m: float32[4] = random(6)
    n = BatchNormalization(c, s, b, m, s) { epsilon: 0.001 }
`;

/**
 * Small models that a pass may meet, by what they are: as they come, and as other passes leave them. As
 * text, so that a page gets the same.
 */
export const fixtureTexts: Readonly<Record<string, string>> = {
  plain: network('random(1)', 'random(2)', { norm: true }),
  pruned: network(`sparse(gaps: packed) ${some(1, 108)}`, `sparse(gaps: packed) ${some(2, 20)}`),
  clustered: network(
    `codebook(centroids: float32, indices: packed) ${shared(1, 108)}`,
    `codebook(indices: packed) ${shared(2, 20)}`,
  ),
  'pruned and clustered': network(
    `sparse(gaps: packed, values: codebook(indices: packed)) ${some(1, 108, shared)}`,
    `sparse(gaps: packed, values: codebook(indices: packed)) ${some(2, 20, shared)}`,
  ),
  'clustered, with values that are rare': `
    input x: float32[N, 40]
    constant w: float32[40, 40] = codebook(centroids: float32, indices: packed) ${skewed(1, 1600)}
    y = MatMul(x, w)
    output y
  `,
  quantized: `
    input x: float32[N, 3, 6, 6] q int8 scale 0.03 zero 2
    constant w: float32[4, 3, 3, 3] = affine(codes: int8) random(1)
    constant b: float32[4] = random(2)
    c: float32[N, 4, 6, 6] q int8 scale 0.05 zero -3 = Conv(x, w, b) { pads: [1, 1, 1, 1] }
    r: float32[N, 4, 6, 6] q int8 scale 0.05 zero -3 = Relu(c)
    p = GlobalAveragePool(r)
    f = Flatten(p)
    constant v: float32[4, 5] = affine(codes: int8) random(3)
    y = Gemm(f, v)
    output y
  `,
  folded: network('random(1)', 'random(2)'),
  'float16 weights': network('cast(source: float16) fill(0.5)', 'cast(source: float16) fill(0.25)'),
  'a weight read twice': `
    input x: float32[N, 6]
    constant w: float32[6, 6] = random(1)
    a = MatMul(x, w)
    r = Relu(a)
    y = MatMul(r, w)
    output y
    output a
  `,
  'weights that are not finite': `
    input x: float32[N, 4]
    constant u: float32[4, 4] = random(1)
    constant w: float32[4, 3] = [1, NaN, 2, 3, Infinity, 0, 1, -0.5, 0.25, -2, 0, 1]
    h = MatMul(x, u)
    y = MatMul(h, w)
    output y
  `,
  'no weights': `
    input x: float32[N, 4]
    y = Relu(x)
    output y
  `,
  'an operator of its own': `
    input x: float32[N, 4]
    constant w: float32[4, 4] = random(1)
    h = MatMul(x, w)
    y: float32[N, 4] = com.example.Whatever(h, w)
    output y
  `,
};

/** Convolution, norm where asked for, pooling, linear layer: the weights as given. */
function network(w: string, v: string, { norm = false }: { readonly norm?: boolean } = {}): string {
  return `
    input x: float32[N, 3, 6, 6]
    constant w: float32[4, 3, 3, 3] = ${w}
    constant b: float32[4] = random(3)
    c = Conv(x, w, b) { pads: [1, 1, 1, 1] }
    ${norm ? normLines : ''}
    r = Relu(${norm ? 'n' : 'c'})
    p = GlobalAveragePool(r)
    f = Flatten(p)
    constant v: float32[4, 5] = ${v}
    constant d: float32[5] = random(4)
    y = Gemm(f, v, d)
    output y
  `;
}

/** Elements of which two in three are zero. */
function some(
  seed: number,
  count: number,
  values: (seed: number, count: number) => string = uniform,
): string {
  const all = JSON.parse(values(seed, count)) as number[];
  const kept = seededValues(`kept ${seed}`, count, 0, 3);
  return JSON.stringify(all.map((value, i) => ((kept[i] ?? 0) < 1 ? value : 0)));
}

function uniform(seed: number, count: number): string {
  return JSON.stringify(seededValues(seed, count));
}

/** Elements of four values. */
function shared(seed: number, count: number): string {
  const centroids = [-0.75, -0.25, 0.5, 1];
  return JSON.stringify(seededValues(seed, count, 0, 4).map((x) => centroids[Math.floor(x)] ?? 0));
}

/** Elements of sixteen values, of which few are frequent: what entropy coders shorten. */
function skewed(seed: number, count: number): string {
  return JSON.stringify(seededValues(seed, count, 0, 1).map((x) => Math.floor(16 * x ** 3) / 8 - 1));
}

/** The model of a text, with all types that follow from it filled in. */
export function fixtureModel(text: string): Model {
  const model = parseModel(text);
  inferShapes(model);
  return model;
}
