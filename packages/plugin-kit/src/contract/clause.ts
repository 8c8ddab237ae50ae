import { EspalierError, PluginError } from '@espalier/core';

/**
 * One promise that plugins make to those who install them. Each is a file, named for it, in a folder
 * for what promises it.
 */
export interface Clause<S> {
  /** `leaves-input-alone`: as messages and the README name it. */
  readonly name: string;
  /** What is promised, as a test's name: `it leaves the caller's model alone`. */
  readonly promise: string;
  /** What the author of a plugin that broke it can do. */
  readonly fix: string;
  /** How the subject breaks it, in a sentence without its stop; null where it keeps it. */
  breach(subject: S): string | null | Promise<string | null>;
}

/** A clause about one pass, encoding or format of a plugin: what a test checks. */
export interface PluginPromise {
  /** `the pass "prune"`. */
  readonly subject: string;
  readonly name: string;
  readonly promise: string;
  /** @throws {PluginError} that says which promise was broken, by what, and how */
  keep(): Promise<void>;
}

/** The clauses of one subject. */
export function promisesOf<S>(
  subject: string,
  clauses: readonly Clause<S>[],
  value: S,
): readonly PluginPromise[] {
  return clauses.map((clause) => ({
    subject,
    name: clause.name,
    promise: clause.promise,
    async keep() {
      const found = await breachOf(clause, value);
      if (found === null) return;
      const { what, cause } = found;
      throw new PluginError({
        what: `${capital(subject)} broke the promise "${clause.name}" (${clause.promise}): ${what}.`,
        fix: clause.fix,
        ...(cause === undefined ? {} : { cause }),
      });
    },
  }));
}

interface Breach {
  readonly what: string;
  readonly cause?: unknown;
}

async function breachOf<S>(clause: Clause<S>, value: S): Promise<Breach | null> {
  try {
    const what = await clause.breach(value);
    return what === null ? null : { what };
  } catch (cause) {
    // Where a clause expects an error, it catches it.
    return { what: `it threw ${describeError(cause)}`, cause };
  }
}

/** `PassError: The pass …`, on one line and without the stop. */
export function describeError(error: unknown): string {
  if (error instanceof EspalierError) return `${error.name}: ${error.what.replace(/\.$/, '')}`;
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return (text.split('\n')[0] ?? '').replace(/\.$/, '');
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
