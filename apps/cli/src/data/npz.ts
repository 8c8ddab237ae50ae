import { DataError, FormatError, type Tensor } from '@espalier/core';
import { strFromU8, unzipSync, zipSync } from 'fflate';
import { type ByteSource, memorySource, readSource } from './byte-source.js';
import { encodeNpy, openNpy } from './npy.js';
import type { Rows } from './rows.js';

// Members are compressed, so they are unpacked whole: what is larger belongs in a .npy, read in slices.
const LARGEST_ARCHIVE = 2 ** 31;

/** DEFLATE makes at most 1032 bytes of one (RFC 1951: 258 bytes for a code of two bits). */
const BEST_DEFLATE_RATIO = 1032;

/**
 * The arrays of a `.npz` archive by name, without the ending `.npy`.
 *
 * @throws {FormatError} when the bytes are no zip of `.npy` files, or claim more than they can hold
 */
export async function openNpz(source: ByteSource): Promise<ReadonlyMap<string, Rows>> {
  const { name } = source;
  if (source.sizeBytes > LARGEST_ARCHIVE) throw tooLarge(name, source.sizeBytes);
  const archive = await readSource(source);
  await source.close();
  const members = unpack(archive, name);
  const arrays = new Map<string, Rows>();
  for (const [member, bytes] of members) {
    arrays.set(member.replace(/\.npy$/, ''), await openNpy(memorySource(`${name}:${member}`, bytes)));
  }
  if (arrays.size === 0) {
    throw new FormatError({
      what: `"${name}" is a zip file without .npy members.`,
      fix: 'Write it with numpy.savez.',
    });
  }
  return arrays;
}

function unpack(archive: Uint8Array, name: string): readonly (readonly [string, Uint8Array])[] {
  let total = 0;
  try {
    const files = unzipSync(archive, {
      filter: (file) => {
        if (!file.name.endsWith('.npy')) return false;
        // The sizes are the archive's own claims: hold them against the bytes before unzipSync allocates.
        if (file.size > archive.length || file.originalSize > file.size * BEST_DEFLATE_RATIO + 64) {
          throw damaged(name, `member "${file.name}" claims ${file.originalSize} bytes from ${file.size}`);
        }
        total += file.originalSize;
        if (total > LARGEST_ARCHIVE) throw tooLarge(name, total);
        return true;
      },
    });
    return Object.entries(files);
  } catch (error) {
    if (error instanceof FormatError || error instanceof DataError) throw error;
    throw damaged(name, error instanceof Error ? error.message : String(error), error);
  }
}

function damaged(name: string, why: string, cause?: unknown): FormatError {
  return new FormatError({
    what: `"${name}" is no .npz archive that can be read: ${why}.`,
    fix: 'Write it again with numpy.savez.',
    cause,
  });
}

function tooLarge(name: string, sizeBytes: number): DataError {
  return new DataError({
    what: `"${name}" unpacks to ${(sizeBytes / 2 ** 30).toFixed(1)} GiB, which must fit in memory.`,
    fix: 'Save its arrays as .npy files: those are read in slices.',
  });
}

/** The bytes of an uncompressed `.npz` archive, as `numpy.savez` writes it. */
export function encodeNpz(tensors: Readonly<Record<string, Tensor>>): Uint8Array {
  const files = Object.entries(tensors).map(([name, tensor]) => [`${name}.npy`, encodeNpy(tensor)] as const);
  // A fixed date: the same tensors give the same bytes.
  return zipSync(Object.fromEntries(files), { level: 0, mtime: new Date(1980, 0, 1) });
}

/** Whether the bytes open a zip file. */
export function looksLikeZip(prefix: Uint8Array): boolean {
  return strFromU8(prefix.subarray(0, 2), true) === 'PK';
}
