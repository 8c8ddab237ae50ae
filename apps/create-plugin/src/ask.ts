import { cancel, select, text } from '@clack/prompts';
import { Failure } from './failure.js';
import { isKind, type Kind, kinds } from './kinds.js';
import { namesFor } from './names.js';

/** Thrown when the user ends the questions. */
export class Cancelled extends Error {}

/** The name of a new plugin, asked until it is one. */
export async function askName(): Promise<string> {
  const answer = await text({
    message: 'What is your idea called?',
    placeholder: 'my-idea',
    validate: (input) => faultOf(input ?? ''),
  });
  return answered(answer);
}

/** What it brings. */
export async function askKind(): Promise<Kind> {
  const options = Object.keys(kinds)
    .filter(isKind)
    .map((value) => ({ value, label: value, hint: kinds[value] }));
  return answered<Kind>(await select<Kind>({ message: 'What does it bring?', options }));
}

function faultOf(name: string): string | undefined {
  try {
    namesFor(name);
    return undefined;
  } catch (error) {
    if (error instanceof Failure) return `${error.message} ${error.fix}`;
    throw error;
  }
}

function answered<T extends string>(answer: T | symbol): T {
  if (typeof answer === 'string') return answer;
  cancel('Nothing was written.');
  throw new Cancelled();
}
