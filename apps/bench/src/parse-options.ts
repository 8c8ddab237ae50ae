import { type ParseArgsConfig, parseArgs } from 'node:util';

type OptionTable = NonNullable<ParseArgsConfig['options']>;

/** Words and options of a command line, by a table of the options there are. */
export type ParsedOptions<T extends OptionTable> = ReturnType<
  typeof parseArgs<{ args: string[]; allowPositionals: true; options: T }>
>;

/** @throws {RangeError} for an option that the table does not have, or one without its value */
export function parseOptions<const T extends OptionTable>(
  args: readonly string[],
  options: T,
): ParsedOptions<T> {
  try {
    return parseArgs({ args: [...args], allowPositionals: true, options });
  } catch (error) {
    throw new RangeError(error instanceof Error ? error.message : String(error));
  }
}

/**
 * A count that an option gives.
 *
 * @throws {RangeError} when it is no whole number from 1 on
 */
export function countOf(option: string, text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count >= 1) return count;
  throw new RangeError(`--${option} is ${text}; a whole number from 1 is wanted.`);
}
