import { type ReadonlySignal, signal } from '@preact/signals';
import type { Setting } from '../preview/layer-preview.js';
import type { Failure } from '../rpc/protocol.js';
import { noteParams, route } from '../shell/route.js';

/** Densities that the slider stops at: each about a ninth below the one before, in two digits. */
export const densities: readonly number[] = Array.from({ length: 41 }, (_, i) =>
  Number((100 ** (-i / 40)).toPrecision(2)),
);

const inits: readonly Setting['init'][] = ['linear', 'density', 'random'];

const first: Setting = { density: 0.3, bits: 4, init: 'linear' };

const read = settingOf(route.peek().view === 'digit' ? route.peek().params : new URLSearchParams());
const current = signal<Setting>(read.setting);
/** What the sliders say. */
export const setting: ReadonlySignal<Setting> = current;

/** What was wrong with the address that the page was opened with. */
export const addressFailure = signal<Failure | null>(read.failure);

/** Moves a slider, and notes it in the address. */
export function setSetting(change: Partial<Setting>): void {
  current.value = { ...current.value, ...change };
  const { density, bits, init } = current.value;
  noteParams('digit', { kept: String(density), bits: String(bits), init });
}

/** Takes the setting of an address that came from outside. */
export function takeAddress(params: URLSearchParams): void {
  const { setting: taken, failure } = settingOf(params);
  current.value = taken;
  addressFailure.value = failure;
}

/** What an address says; what it has wrong is as at first, and told. */
export function settingOf(params: URLSearchParams): {
  readonly setting: Setting;
  readonly failure: Failure | null;
} {
  const wrong: string[] = [];
  const number = (key: string, fallback: number, fits: (x: number) => boolean, wanted: string): number => {
    const text = params.get(key);
    if (text === null) return fallback;
    if (text.trim() !== '' && fits(Number(text))) return Number(text);
    wrong.push(`${key} is "${text.slice(0, 40)}", and must be ${wanted}`);
    return fallback;
  };
  const density = number('kept', first.density, (x) => x > 0 && x <= 1, 'a number above 0, at most 1');
  const isBits = (x: number): boolean => Number.isInteger(x) && x >= 1 && x <= 8;
  const bits = number('bits', first.bits, isBits, 'a whole number from 1 to 8');
  const named = params.get('init') ?? first.init;
  const init = inits.find((candidate) => candidate === named);
  if (init === undefined)
    wrong.push(`init is "${named.slice(0, 40)}", and must be one of ${inits.join(', ')}`);
  const failure = {
    what: `The address asks for what can't be: ${wrong.join('; ')}.`,
    fix: 'What is wrong was left as it is at first. Move a slider for a good address.',
  };
  return {
    setting: { density, bits, init: init ?? first.init },
    failure: wrong.length === 0 ? null : failure,
  };
}
