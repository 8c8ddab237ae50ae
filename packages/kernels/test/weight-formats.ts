import fc from 'fast-check';
import type { WeightFormat } from '../src/weight-format.js';
import type { Arena } from './arena.js';

export const weightFormat: fc.Arbitrary<WeightFormat> = fc.constantFrom(
  'dot16' as const,
  'dot8-signed' as const,
  'dot8-unsigned' as const,
);

/** The format a binary wants; `scalarFormat` for the scalar twins, which take all. */
export function formatFor({ kernels }: Arena, scalarFormat: WeightFormat): WeightFormat {
  return kernels.binary === 'scalar' ? scalarFormat : kernels.weightFormat;
}
