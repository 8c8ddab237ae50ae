import type { PassInfo } from '../studio/api.js';
import type { StepState } from './steps.js';

/** Why a card's pass runs elsewhere: each pass that it stands on the wrong side of. Core puts them right by itself. */
export function orderNotes(
  steps: readonly StepState[],
  index: number,
  passes: ReadonlyMap<string, PassInfo>,
): readonly string[] {
  const pass = steps[index]?.pass ?? '';
  const mustFollow = (later: string, earlier: string): boolean =>
    later !== earlier &&
    ((passes.get(later)?.after.includes(earlier) ?? false) ||
      (passes.get(earlier)?.before.includes(later) ?? false));
  const behind = steps.slice(index + 1).map((step) => step.pass);
  return [...new Set(behind)]
    .filter((other) => mustFollow(pass, other))
    .map((other) => `Runs after ${other}: that pass has to come first.`);
}
