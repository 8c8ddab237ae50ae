import type { EncodingKind, Format } from '@espalier/core';
import { hasMagic } from './read/frame.js';
import { readEspalier } from './read/read-espalier.js';
import { measureEspalier, writeEspalier } from './write/write-espalier.js';

/**
 * The `.espalier` file as a format among others.
 *
 * @param encodings - the kinds it reads weights with; asked for at each read, so that plugins that
 *   come later count
 */
export function espalierFormat(encodings: () => readonly EncodingKind[]): Format {
  return {
    name: 'espalier',
    extensions: ['.espalier'],
    detect: hasMagic,
    read: (bytes) => readEspalier(bytes, { encodings: encodings() }),
    write: (model) => writeEspalier(model),
    measure: (model) => measureEspalier(model),
  };
}
