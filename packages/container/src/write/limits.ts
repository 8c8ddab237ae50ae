import { ModelError } from '@espalier/core';

/** @throws {ModelError} where a model has more of something than a reader accepts */
export function assertAtMost(limit: number, count: number, what: string): void {
  if (count <= limit) return;
  throw new ModelError({ what: `${count} ${what} are more than a file holds.`, fix: `At most ${limit}.` });
}
