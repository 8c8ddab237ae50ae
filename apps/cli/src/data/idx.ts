import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { type DataType, FormatError } from '@espalier/core';
import { type ByteSource, memorySource, readSource } from './byte-source.js';
import { type Rows, rowsOf } from './rows.js';

// The third byte of the magic number.
const types: Readonly<Record<number, DataType>> = {
  8: 'uint8',
  9: 'int8',
  11: 'int16',
  12: 'int32',
  13: 'float32',
  14: 'float64',
};

// Compressed files are unpacked whole; all of MNIST's training images are 47 MB.
const LARGEST_GZIP = 2 ** 31 - 1;

/**
 * The samples of an IDX file, the format of MNIST: big-endian, two zero bytes, a type, a rank, the dims.
 *
 * @throws {FormatError} when the bytes are cut or no IDX file
 * @see Y. LeCun, The MNIST database, "The IDX file format"
 */
export async function openIdx(source: ByteSource): Promise<Rows> {
  const { name, sizeBytes } = source;
  const magic = await source.read(0, Math.min(4, sizeBytes));
  const type = types[magic[2] ?? 0];
  const rank = magic[3] ?? 0;
  if (!looksLikeIdx(magic) || type === undefined) {
    throw new FormatError({
      what: `"${name}" is no IDX file: it begins with ${hex(magic)}.`,
      where: 'byte 0',
      fix: 'IDX files begin with 00 00, a type and a rank, as those of MNIST.',
    });
  }
  const headerBytes = 4 + 4 * rank;
  const header = await source.read(0, Math.min(headerBytes, sizeBytes));
  if (header.length < headerBytes) {
    throw new FormatError({
      what: `"${name}" declares a header of ${headerBytes} bytes; it has ${sizeBytes}.`,
      where: `byte ${sizeBytes}`,
      fix: 'The file is cut: fetch it again.',
    });
  }
  const view = new DataView(header.buffer, header.byteOffset, header.byteLength);
  const dims = Array.from({ length: rank }, (_, axis) => view.getUint32(4 + 4 * axis));
  return rowsOf(source, { type, dims, bigEndian: true, fortranOrder: false, offset: headerBytes });
}

/** Whether the bytes open an IDX file. */
export function looksLikeIdx(prefix: Uint8Array): boolean {
  const [a, b, type = 0, rank = 0] = prefix;
  return a === 0 && b === 0 && type in types && rank >= 1 && rank <= 8;
}

/** Whether the bytes open a gzip stream. */
export function looksLikeGzip(prefix: Uint8Array): boolean {
  return prefix[0] === 0x1f && prefix[1] === 0x8b;
}

/**
 * Unpacks a gzip stream into memory.
 *
 * @throws {FormatError} when it is damaged
 */
export async function gunzipSource(source: ByteSource): Promise<ByteSource> {
  const packed = await readSource(source);
  await source.close();
  try {
    const bytes = await promisify(gunzip)(packed, { maxOutputLength: LARGEST_GZIP });
    return memorySource(source.name, bytes);
  } catch (cause) {
    throw new FormatError({
      what: `"${source.name}" can't be unpacked: ${cause instanceof Error ? cause.message : String(cause)}.`,
      fix: 'The gzip file is cut or damaged: fetch it again.',
      cause,
    });
  }
}

function hex(bytes: Uint8Array): string {
  return bytes.length === 0
    ? 'nothing'
    : [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
}
