import { integerRange, type Quantization } from '@espalier/core';

/** What may be wrong with a layer. */
export interface Finding {
  readonly kind: 'clipped' | 'range-outlier' | 'narrow-channel' | 'dead-channel';
  /** A sentence with the numbers. */
  readonly about: string;
}

/** What was seen of a float activation, beside the grid it is to be held on. */
export interface ActivationFacts {
  readonly quantization: Quantization;
  readonly min: number;
  readonly max: number;
  /** 99.9 % of the magnitudes are not above. */
  readonly usual: number;
  /** Share of values beyond the grid, 0 to 1. */
  readonly clipped: number;
  /** Least and greatest value of each channel. */
  readonly channels: readonly { readonly min: number; readonly max: number }[];
}

/** More than this share beyond the grid is worth a word. */
const muchClipped = 0.001;

/** A reach of so many times the usual magnitudes leaves two bits less for these. */
const farOut = 4;

/** Codes below which a channel is narrow: three bits. */
const fewCodes = 8;

/** What is odd about an activation, the worst first. */
export function activationFindings(facts: ActivationFacts): readonly Finding[] {
  const { quantization, min, max, usual, clipped, channels } = facts;
  const findings: Finding[] = [];
  const scale = quantization.scale[0] ?? 1;
  const codes = integerRange(quantization.storageType);
  const zero = quantization.zeroPoint[0] ?? 0;
  if (clipped > muchClipped) {
    const [low, high] = [scale * (codes.min - zero), scale * (codes.max - zero)];
    findings.push({
      kind: 'clipped',
      about: `${percent(clipped)} of its values lie beyond ${short(low)} to ${short(high)}, where its codes end`,
    });
  }
  const reach = Math.max(Math.abs(min), Math.abs(max));
  if (reach > farOut * usual && usual > 0) {
    findings.push({
      kind: 'range-outlier',
      about: `it reaches ${short(reach)}, and 99.9 % of it stay below ${short(usual)}`,
    });
  }
  const dead = channels.filter((channel) => channel.min === 0 && channel.max === 0).length;
  const narrow = channels.filter(
    ({ min: low, max: high }) => low < high && high - low < fewCodes * scale,
  ).length;
  if (narrow > 0) {
    findings.push({
      kind: 'narrow-channel',
      about: `${narrow} of ${channels.length} channels take fewer than ${fewCodes} of its codes`,
    });
  }
  if (dead > 0)
    findings.push({ kind: 'dead-channel', about: `${dead} of ${channels.length} channels are always 0` });
  return findings;
}

/**
 * What is odd about weights that share one scale.
 *
 * @param ranges - the largest magnitude of each output channel
 * @param scale - of all
 */
export function weightFindings(ranges: readonly number[], scale: number): readonly Finding[] {
  const narrow = ranges.filter((range) => range > 0 && range < (fewCodes / 2) * scale).length;
  if (narrow === 0) return [];
  return [
    {
      kind: 'narrow-channel',
      about: `the weights of ${narrow} of ${ranges.length} output channels take fewer than ${fewCodes} codes of the one scale they share`,
    },
  ];
}

function percent(share: number): string {
  return `${(share * 100).toPrecision(2)} %`;
}

function short(x: number): string {
  return String(Number(x.toPrecision(3)));
}
