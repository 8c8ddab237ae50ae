import generated from '../../generated/figures.json';
import type { SiteFigures } from '../../src/generate/generate.js';

/** The numbers of the first page, written before the site is built. */
export const figures: SiteFigures = generated;

export function thousands(value: number): string {
  return value.toLocaleString('en-US');
}

export function percent(share: number): string {
  return `${+(share * 100).toFixed(1)} %`;
}

/** 12x; below ten with one digit more. */
export function times(value: number): string {
  return `${value < 10 ? value.toFixed(1) : Math.round(value)}x`;
}
