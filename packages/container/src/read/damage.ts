import { FormatError } from '@espalier/core';

/** An error of a file that is not what the format demands. */
export function damaged(what: string, where: string, cause?: unknown): FormatError {
  return new FormatError({
    what: `The file is damaged: ${what}.`,
    where,
    fix: 'Get or make the file again.',
    ...(cause === undefined ? {} : { cause }),
  });
}
