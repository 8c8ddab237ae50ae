import { EspalierError } from '@espalier/core';
import type { Failure } from './protocol.js';

/** What a caught error says to a reader. */
export function failureOf(error: unknown): Failure {
  if (error instanceof EspalierError) {
    const { what, where, fix, code } = error;
    return { what, code, ...(where !== undefined && { where }), ...(fix !== undefined && { fix }) };
  }
  const text = error instanceof Error ? error.message : String(error);
  if (error instanceof RangeError && /alloc|memory|length/i.test(text))
    return {
      what: 'The browser has no memory left for this.',
      fix: 'Close other pages, or take a smaller model.',
    };
  return { what: text };
}
