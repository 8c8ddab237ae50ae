import { DataError, FileError } from '@espalier/core';
import type { Source } from './api.js';

/** Files above this are refused unread: a page has some 4 GB in all, and reading takes a multiple. */
const MOST_BYTES = 512 * 2 ** 20;

/**
 * The bytes of a model file.
 *
 * @throws {FileError} for one that is too large to be worked on in a page, or can't be read
 * @throws {DataError} where the page's own can't be fetched
 */
export async function readSource(source: Source): Promise<Uint8Array> {
  if (source.kind === 'page') return fetchSource(source.url);
  const { file, name } = source;
  if (file.size > MOST_BYTES) {
    throw new FileError({
      what: `The file has ${(file.size / 2 ** 20).toFixed(0)} MB; a page can work on ${MOST_BYTES / 2 ** 20} MB at the most.`,
      where: name,
      fix: 'Compress it with the command: npx espalier compress.',
    });
  }
  try {
    return new Uint8Array(await file.arrayBuffer());
  } catch (cause) {
    throw new FileError({ what: 'The file could not be read.', where: name, fix: 'Choose it again.', cause });
  }
}

async function fetchSource(url: string): Promise<Uint8Array> {
  const response = await fetch(url).catch(() => null);
  if (response?.ok === true) return new Uint8Array(await response.arrayBuffer());
  throw new DataError({
    what: 'The network of the page could not be fetched.',
    where: url,
    fix: 'Go online once: after the first time it is kept.',
  });
}
