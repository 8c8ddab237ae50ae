import { OptionsError } from '../errors/errors.js';
import type { Step } from '../plugin/plugin.js';
import type { Pass } from './pass.js';

/**
 * The steps in an order that keeps every `after` and `before`; where those leave a choice, as given.
 *
 * @throws {OptionsError} naming both passes, for a conflict or for constraints that contradict
 */
export function orderSteps(steps: readonly Step[], passOf: (step: Step) => Pass): readonly Step[] {
  assertNoConflict(steps, passOf);
  const left = [...steps];
  const ordered: Step[] = [];
  while (left.length > 0) {
    const index = left.findIndex((step) => left.every((other) => !mustFollow(step, other, passOf)));
    if (index < 0) throw contradiction(left);
    ordered.push(...left.splice(index, 1));
  }
  return ordered;
}

/** Whether `step` may only run once `other` has. */
function mustFollow(step: Step, other: Step, passOf: (step: Step) => Pass): boolean {
  if (step.pass === other.pass) return false;
  return (
    (passOf(step).after?.includes(other.pass) ?? false) ||
    (passOf(other).before?.includes(step.pass) ?? false)
  );
}

function assertNoConflict(steps: readonly Step[], passOf: (step: Step) => Pass): void {
  for (const step of steps) {
    const rival = steps.find((other) => passOf(step).conflictsWith?.includes(other.pass));
    if (rival === undefined) continue;
    throw new OptionsError({
      what: `The passes "${step.pass}" and "${rival.pass}" can't be in one pipeline.`,
      fix: `Take one of them out.`,
    });
  }
}

function contradiction(steps: readonly Step[]): OptionsError {
  const names = [...new Set(steps.map((step) => step.pass))];
  return new OptionsError({
    what: `The order of the passes ${names.map((name) => `"${name}"`).join(', ')} contradicts itself: each must follow another.`,
    fix: 'Take one of them out, or mend the "after" and "before" of the plugin.',
  });
}
