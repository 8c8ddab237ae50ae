import { promisify } from 'node:util';
import { constants, gunzip } from 'node:zlib';
import { bytesPerElement, type DataType, elementCount, FormatError } from '@espalier/core';
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

// Compressed files are unpacked whole, so what they unpack to is bounded by what they begin with: an IDX
// file by its header, all else (labels, mostly) by this. All of MNIST's training images are 47 MB.
const LARGEST_IDX = 2 ** 31 - 1;
const LARGEST_OTHER = 2 ** 28;

/** Enough of a stream to hold the header. */
const PREFIX_BYTES = 1024;

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
  return rowsOf(source, {
    type,
    dims: dimsOf(header, rank),
    bigEndian: true,
    fortranOrder: false,
    offset: headerBytes,
  });
}

function dimsOf(header: Uint8Array, rank: number): readonly number[] {
  const view = new DataView(header.buffer, header.byteOffset, header.byteLength);
  return Array.from({ length: rank }, (_, axis) => view.getUint32(4 + 4 * axis));
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
    const finishFlush = constants.Z_SYNC_FLUSH;
    const prefix = await promisify(gunzip)(packed.subarray(0, PREFIX_BYTES), { finishFlush });
    const bytes = await promisify(gunzip)(packed, { maxOutputLength: largestAfter(prefix) });
    return memorySource(source.name, bytes);
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ERR_BUFFER_TOO_LARGE') {
      throw new FormatError({
        what: `"${source.name}" unpacks to more than what it begins with declares.`,
        fix: 'The file is damaged, or not IDX: fetch it again, or save large arrays as .npy.',
        cause,
      });
    }
    throw new FormatError({
      what: `"${source.name}" can't be unpacked: ${cause instanceof Error ? cause.message : String(cause)}.`,
      fix: 'The gzip file is cut or damaged: fetch it again.',
      cause,
    });
  }
}

/** Bytes that a stream which begins so may unpack to. */
function largestAfter(prefix: Uint8Array): number {
  const [, , type = 0, rank = 0] = prefix;
  const dtype = types[type];
  if (!looksLikeIdx(prefix) || dtype === undefined || prefix.length < 4 + 4 * rank) return LARGEST_OTHER;
  const declared = 4 + 4 * rank + elementCount(dimsOf(prefix, rank)) * bytesPerElement(dtype);
  return Math.min(declared, LARGEST_IDX);
}

function hex(bytes: Uint8Array): string {
  return bytes.length === 0
    ? 'nothing'
    : [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
}
