import { extname } from 'node:path';
import { DataError } from '@espalier/core';
import { type ByteSource, openFile } from './byte-source.js';
import { gunzipSource, looksLikeGzip, looksLikeIdx, openIdx } from './idx.js';
import { openNpy } from './npy.js';
import { looksLikeZip, openNpz } from './npz.js';
import type { Rows } from './rows.js';

/** A data file: arrays by name (`''` where the file holds one without a name), or text. */
export type OpenedArrays =
  | { readonly kind: 'arrays'; readonly arrays: ReadonlyMap<string, Rows> }
  | { readonly kind: 'text'; readonly source: ByteSource };

/**
 * Opens a `.npy`, `.npz`, IDX, gzipped IDX or text file, told by its first bytes.
 *
 * @throws {FileError} when it can't be opened
 * @throws {FormatError} when it is damaged
 * @throws {DataError} when it is none of these
 */
export async function openArrays(path: string): Promise<OpenedArrays> {
  const source = await openFile(path);
  try {
    return await openSource(source, path);
  } catch (error) {
    await source.close();
    throw error;
  }
}

async function openSource(file: ByteSource, path: string): Promise<OpenedArrays> {
  const gzipped = looksLikeGzip(await firstBytes(file));
  const source = gzipped ? await gunzipSource(file) : file;
  const prefix = await firstBytes(source);
  if (looksLikeIdx(prefix)) return { kind: 'arrays', arrays: new Map([['', await openIdx(source)]]) };
  if (looksLikeZip(prefix)) return { kind: 'arrays', arrays: await openNpz(source) };
  const ending = extname(path.replace(/\.gz$/, '')).toLowerCase();
  if (prefix[0] === 0x93 || ending === '.npy') {
    return { kind: 'arrays', arrays: new Map([['', await openNpy(source)]]) };
  }
  if (ending === '.txt' || ending === '.csv') return { kind: 'text', source };
  if (source.sizeBytes === 0) {
    throw new DataError({ what: `"${path}" is empty.`, fix: 'Make the file again.' });
  }
  throw new DataError({
    what: `"${path}" is no data file that is known here.`,
    fix: 'Give a .npy, .npz, MNIST IDX (also .gz) file, or a folder of PNG or JPEG images.',
  });
}

async function firstBytes(source: ByteSource): Promise<Uint8Array> {
  return source.read(0, Math.min(4, source.sizeBytes));
}
