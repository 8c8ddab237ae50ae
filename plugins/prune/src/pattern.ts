import { type Option, OptionsError, sliceLayout } from '@espalier/core';

/** N:M sparsity: of every `of` weights that lie along the inputs of a layer `keep` stay. */
export interface Pattern {
  readonly keep: number;
  readonly of: number;
}

const form = /^([1-9]\d{0,2}):([1-9]\d{0,2})$/;

/** Reads "2:4"; null where it is no such text. */
export function parsePattern(text: string): Pattern | null {
  const [, keep, of] = form.exec(text) ?? [];
  const pattern = { keep: Number(keep), of: Number(of) };
  return pattern.keep <= pattern.of ? pattern : null;
}

const kind = 'a text such as "2:4"';

/** A pattern as an option. */
export const patternOption: Option<string> = {
  default: '2:4',
  about: 'Of every M weights along the inputs of a layer N stay, as "N:M"; then density is not asked.',
  kind,
  check(value, path) {
    if (typeof value === 'string' && parsePattern(value) !== null) return value;
    const shown = JSON.stringify(value)?.slice(0, 80) ?? String(value);
    throw new OptionsError({
      what: `The option "${path}" is ${shown}.`,
      where: path,
      fix: `Pass ${kind}, N <= M.`,
    });
  },
  schema: () => ({ type: 'string', pattern: form.source, default: '2:4', description: patternOption.about }),
};

/**
 * The places of the weights that stay: of each run of `of` slices along an axis the `keep` largest at every place. Of equal ones
 * those that come first stay; what is left over at the end of the axis counts as a run of its own.
 *
 * @param dims - row-major shape of `values`
 * @param axis - the dimension of inputs
 * @returns rising indices of elements that are not zero
 * @see Mishra et al. 2021 (arXiv:2104.08378), for 2:4
 */
export function keptOfPattern(
  values: Float32Array,
  dims: readonly number[],
  axis: number,
  { keep, of }: Pattern,
): Uint32Array {
  const { slices, inner } = sliceLayout(dims, axis);
  const kept: number[] = [];
  for (let i = 0; i < values.length; i++) {
    const magnitude = Math.abs(values[i]!);
    if (magnitude === 0) continue;
    const slice = Math.floor(i / inner) % slices;
    const first = slice - (slice % of);
    let larger = 0;
    for (let other = first; other < Math.min(first + of, slices) && larger < keep; other++) {
      const rival = Math.abs(values[i + (other - slice) * inner]!);
      if (rival > magnitude || (rival === magnitude && other < slice)) larger++;
    }
    if (larger < keep) kept.push(i);
  }
  return Uint32Array.from(kept);
}

/** The dimension of a weight that its inputs lie along; null where it has none of its own. */
export function inputAxis(op: string, dims: readonly number[], outputAxis: number | null): number | null {
  if (op === 'Conv') return 1;
  if (op === 'ConvTranspose') return 0;
  if ((op === 'Gemm' || op === 'MatMul') && dims.length === 2 && outputAxis !== null) return 1 - outputAxis;
  return op === 'LSTM' || op === 'GRU' || op === 'RNN' ? 2 : null;
}
