import { transform } from 'sucrase';

/**
 * TypeScript as a script that takes its imports from `require`.
 *
 * @throws {SyntaxError} with the line, where it can't be read
 */
export function compile(source: string): string {
  try {
    return transform(source, { transforms: ['typescript', 'imports'], production: true }).code;
  } catch (error) {
    // "Error transforming index.ts: Unexpected token (3:7)" or without the file.
    const text = error instanceof Error ? error.message : String(error);
    throw new SyntaxError(`The code can't be read: ${text.replace(/^Error transforming[^:]*: /, '')}`);
  }
}
