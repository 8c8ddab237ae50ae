import { EspalierError } from '@espalier/core';
import { printable, shortened } from './printable.js';

/** Of one sentence of an error: shapes and names in a hostile file have no length of their own. */
const LONGEST = 500;

/** An error as `--json` prints it. */
export interface ErrorJson {
  readonly error: {
    readonly code: string;
    readonly what: string;
    readonly where: string | null;
    readonly fix: string | null;
  };
}

/**
 * An error in one or two lines: what and where, then what to do.
 *
 * @param debug - adds the stack and those of its causes
 */
export function formatError(error: unknown, { debug }: { readonly debug: boolean }): string {
  const { what, where, fix } = describe(error);
  const first = `error: ${oneLine(what)}${where === null ? '' : ` (${oneLine(where)})`}`;
  const lines = fix === null ? [first] : [first, `  fix: ${oneLine(fix)}`];
  if (debug) lines.push(...stacks(error));
  return `${lines.join('\n')}\n`;
}

/** The same for programs. */
export function errorJson(error: unknown): ErrorJson {
  const { what, where, fix } = describe(error);
  return { error: { code: error instanceof EspalierError ? error.code : 'INTERNAL', what, where, fix } };
}

interface Description {
  readonly what: string;
  readonly where: string | null;
  readonly fix: string | null;
}

function describe(error: unknown): Description {
  if (error instanceof EspalierError) return describeOwn(error);
  if (error instanceof RangeError && /allocation failed|Invalid (typed )?array length/i.test(error.message)) {
    return {
      what: 'There is not enough memory for this.',
      where: null,
      fix: 'Give Node more (NODE_OPTIONS=--max-old-space-size=8000), or use smaller batches.',
    };
  }
  const message = error instanceof Error ? error.message : String(error);
  return {
    what: `Something broke inside Espalier: ${message}`,
    where: null,
    fix: 'Run it again with --debug and report what that prints.',
  };
}

/** A failed pass says that it failed; why is what the user wants to read. */
function describeOwn(error: EspalierError): Description {
  const cause = error.cause;
  if (error.code === 'PASS' && cause instanceof EspalierError) {
    const inner = describeOwn(cause);
    const places = [inner.where, error.where].filter((part) => part != null);
    const place = places
      .filter((part, i) => !places.some((other, k) => k > i && other.includes(part)))
      .join('; ');
    const what = error.what.includes(inner.what) ? error.what : `${withoutStop(error.what)}: ${inner.what}`;
    return { what, where: place || null, fix: inner.fix ?? error.fix ?? null };
  }
  return { what: error.what, where: error.where ?? null, fix: error.fix ?? null };
}

function withoutStop(sentence: string): string {
  return sentence.replace(/\.$/, '');
}

function oneLine(text: string): string {
  return printable(shortened(text.replace(/\s*\n\s*/g, ' ').trim(), LONGEST));
}

function stacks(error: unknown): string[] {
  const lines: string[] = [];
  for (let e: unknown = error; e instanceof Error; e = e.cause) {
    lines.push(e === error ? (e.stack ?? '') : `caused by ${e.stack ?? ''}`);
  }
  return lines;
}
