import type { NumberType } from './contestants.js';
import { median } from './statistics.js';

/** What WebAssembly reaches here on operands in the first-level cache, in GMAC/s; null where it does not run. */
export interface Peaks {
  /** i32x4.dot_i16x8_s and add */
  readonly dot16: number | null;
  /** f32x4.mul and add */
  readonly f32: number | null;
  /** i32x4.relaxed_dot_i8x16_i7x16_add_s */
  readonly relaxedDot: number | null;
  /** f32x4.relaxed_madd */
  readonly relaxedMadd: number | null;
}

export const noPeaks: Peaks = { dot16: null, f32: null, relaxedDot: null, relaxedMadd: null };

/** What our engine can do at most in a place. */
export interface Limits {
  readonly peaks: Peaks;
  /** The binary of kernels that is picked there. */
  readonly binary: string;
}

/** The peak of the instructions that our kernels multiply and add with: bytes by the relaxed dot where it is exact. */
export function peakFor({ peaks, binary }: Limits, type: NumberType): number | null {
  if (type === 'float32') return peaks.f32;
  return binary === 'relaxed' ? peaks.relaxedDot : peaks.dot16;
}

/** Exports of `packages/kernels/bench/assembly`: what vectors of products each round does. */
const loops = {
  dot16: { name: 'peakDot16', macsPerRound: 8 * 8 },
  f32: { name: 'peakF32', macsPerRound: 8 * 4 },
  relaxedDot: { name: 'peakRelaxedDot', macsPerRound: 12 * 16 },
  relaxedMadd: { name: 'peakRelaxedMadd', macsPerRound: 8 * 4 },
} as const;

/** A multiple of the 64 after which operands begin again. */
const ROUNDS = 200_000;
const SAMPLES = 25;
/** Above what the binaries keep for themselves. */
const OPERANDS = 4096;

/**
 * Times the loops of a binary of peaks; those it has not, or that do not validate here, are null.
 *
 * @param binary - `peaks`, or `relaxedPeaks`, of packages/kernels
 */
export async function measurePeaks(binary: Uint8Array): Promise<Peaks> {
  const bytes = binary.slice().buffer;
  if (bytes.byteLength === 0 || !WebAssembly.validate(bytes)) return noPeaks;
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 65536 });
  const { instance } = await WebAssembly.instantiate(bytes, { env: { memory, abort() {} } });
  const rate = (name: keyof typeof loops): number | null => {
    const loop = instance.exports[loops[name].name];
    return typeof loop === 'function'
      ? gmacPerSecond(() => loop(ROUNDS, OPERANDS), ROUNDS * loops[name].macsPerRound)
      : null;
  };
  return {
    dot16: rate('dot16'),
    f32: rate('f32'),
    relaxedDot: rate('relaxedDot'),
    relaxedMadd: rate('relaxedMadd'),
  };
}

function gmacPerSecond(loop: () => unknown, macs: number): number {
  for (let i = 0; i < 5; i++) loop(); // the engine compiles it again meanwhile
  const samples = Array.from({ length: SAMPLES }, () => {
    const start = performance.now();
    loop();
    return performance.now() - start;
  });
  return macs / median(samples) / 1e6;
}

/** The best of each loop: of several binaries, and of several moments of a busy machine. */
export function bestPeaks(all: readonly Peaks[]): Peaks {
  const best = (name: keyof Peaks): number | null => {
    const known = all.flatMap((peaks) => peaks[name] ?? []);
    return known.length === 0 ? null : Math.max(...known);
  };
  return {
    dot16: best('dot16'),
    f32: best('f32'),
    relaxedDot: best('relaxedDot'),
    relaxedMadd: best('relaxedMadd'),
  };
}
