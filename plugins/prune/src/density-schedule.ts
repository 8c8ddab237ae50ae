import type { RetrainOptions } from './retrain-options.js';

/** What pruning does before an epoch. */
export interface PruningStep {
  /** How far pruning is, above 0 up to 1. */
  readonly done: number;
  /** Whether masks change no more. */
  readonly isSettled: boolean;
}

type Schedule = Pick<RetrainOptions, 'epochs' | 'schedule' | 'rounds' | 'ramp' | 'surgery'>;

/**
 * How far pruning is before an epoch, counted from 0. The last epoch always trains under the final masks.
 */
export function pruningStep(epoch: number, options: Schedule): PruningStep {
  const { epochs, schedule, surgery } = options;
  const ramp = Math.min(Math.round(options.ramp * epochs), epochs - 1);
  const rounds = Math.min(options.rounds, epochs);
  const done = {
    once: 1,
    iterative: (Math.floor((epoch * rounds) / epochs) + 1) / rounds,
    // One ahead: the first epoch retrains something too.
    gradual: Math.min(1, (epoch + 1) / (ramp + 1)),
  }[schedule];
  return { done, isSettled: done === 1 && (!surgery || epoch >= ramp) };
}

/**
 * The density on the way from 1 to `final`: it falls fast at first, where there is much to spare.
 *
 * @param done - 0 to 1
 * @see Zhu and Gupta 2017 (arXiv:1710.01878), equation 1, told as density
 */
export function densityAt(done: number, final: number): number {
  const left = 1 - done;
  // Products: the last bit of `**` may differ from engine to engine.
  return final + (1 - final) * (left * left * left);
}
