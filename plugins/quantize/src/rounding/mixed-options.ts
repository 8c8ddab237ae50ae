import { defineOptions, type Options, option } from '@espalier/core';

/** What the widths of all layers, and what they compute in, keep to. At least one limit is given. */
export interface MixedBudget {
  /** Bits of a stored code, averaged over those of all layers, at most; null for no limit. */
  readonly averageBits: number | null;
  /** Bytes of the whole file at the most, without a coder behind; null for no limit. */
  readonly maxBytes: number | null;
  /**
   * Share of the calibration samples whose answer may be lost, 0..1; null for no limit. The fewest bytes are taken; with a limit of
   * time the fastest.
   */
  readonly maxAccuracyDrop: number | null;
  /** SQNR of a layer's output in dB, below which its width does not fall; 0 for no limit. */
  readonly leastDb: number;
  /**
   * Milliseconds of a run of one sample on this machine, one thread, at the most; null for no limit. Layers that can bear int8 least
   * compute in int16 or float32, as far as that goes.
   */
  readonly maxMilliseconds: number | null;
  /** The same as a share of what the float model takes here, above 0; null for no limit. */
  readonly maxTimeShare: number | null;
}

export const mixedOptions: Options<MixedBudget> = defineOptions<MixedBudget>({
  averageBits: option.nullable(option.number({ default: 5, min: 2, max: 8 }), {
    about: 'Bits of a weight, averaged over all, at most.',
  }),
  maxBytes: option.nullable(option.integer({ default: 0, min: 1 }), {
    about: 'Bytes of the whole file at the most, before a coder makes it smaller.',
  }),
  maxAccuracyDrop: option.nullable(option.number({ default: 0, min: 0, max: 1 }), {
    about:
      'Share of the calibration samples whose answer may be lost: the fewest bytes that keep it, or the fastest.',
  }),
  leastDb: option.integer({
    default: 0,
    min: 0,
    max: 200,
    about: "SQNR of a layer's output, in dB, below which its width does not fall.",
  }),
  maxMilliseconds: option.nullable(option.number({ default: 10, above: 0 }), {
    about:
      'Milliseconds of a run of one sample at the most, on this machine: layers in int8, int16 or float32.',
  }),
  maxTimeShare: option.nullable(option.number({ default: 0.8, above: 0 }), {
    about: 'The same as a share of what the float model takes.',
  }),
});

/** Whether a budget has a limit of time. */
export function limitsTime({ maxMilliseconds, maxTimeShare }: MixedBudget): boolean {
  return maxMilliseconds !== null || maxTimeShare !== null;
}

/**
 * What is left of a budget once layers compute in what its limit of time allows: limits of bytes. Answers were kept by that choice
 * already; null where nobody asks for fewer bytes.
 */
export function budgetOfWidths(budget: MixedBudget): MixedBudget | null {
  const { averageBits, maxBytes, leastDb } = budget;
  if (averageBits === null && maxBytes === null && leastDb === 0) return null;
  return { ...budget, maxMilliseconds: null, maxTimeShare: null };
}
