import { ByteReader, FormatError } from '@espalier/core';
import { crc32 } from '../crc32.js';
import { inflate } from '../deflate.js';
import { decodeHeader } from '../header/decode-header.js';
import type { Header } from '../header/header.js';
import { CHECKSUM_BYTES, DEFLATED, MAGIC, MAX_HEADER_BYTES, MAX_INFLATION, VERSION } from '../layout.js';
import { damaged } from './damage.js';

/** A file whose header is read and checked. */
export interface Frame {
  readonly header: Header;
  /** Where the stored header begins. */
  readonly headerOffset: number;
  /** Where the sections begin. */
  readonly bodyOffset: number;
}

/** Whether `bytes` begin as an `.espalier` file does. */
export function hasMagic(bytes: Uint8Array): boolean {
  return MAGIC.every((byte, index) => bytes[index] === byte);
}

/** Reads magic, version, flags and header. */
export function readFrame(bytes: Uint8Array): Frame {
  if (!hasMagic(bytes)) {
    throw new FormatError({
      what: 'This is no .espalier file: it begins with other bytes.',
      where: 'byte 0',
      fix: 'Pass a file that Espalier wrote.',
    });
  }
  const reader = new ByteReader(bytes, 'file');
  reader.bytes(MAGIC.length);
  checkVersion(reader.u8());
  const flags = reader.u8();
  if ((flags & ~DEFLATED) !== 0) throw damaged(`the flags are ${flags}`, `byte ${reader.offset - 1}`);
  const storedLength = reader.varint();
  const rawLength = flags === DEFLATED ? reader.varint() : storedLength;
  const headerOffset = reader.offset;
  const stored = reader.bytes(storedLength);
  assertChecksum(bytes, 0, reader.offset);
  if (rawLength > MAX_HEADER_BYTES || rawLength > storedLength * MAX_INFLATION) {
    throw damaged(`its header claims ${rawLength} bytes`, `byte ${headerOffset}`);
  }
  const raw = flags === DEFLATED ? inflate(stored, rawLength) : stored;
  if (raw === null)
    throw damaged(`its header does not inflate to ${rawLength} bytes`, `byte ${headerOffset}`);
  return { header: parse(raw, headerOffset), headerOffset, bodyOffset: reader.offset + CHECKSUM_BYTES };
}

function checkVersion(version: number): void {
  if (version === VERSION) return;
  throw new FormatError({
    what: `The file has version ${version} of the format, this reader knows version ${VERSION}.`,
    where: `byte ${MAGIC.length}`,
    fix: version > VERSION ? 'Update @espalier/container.' : 'Get or make the file again.',
  });
}

function parse(raw: Uint8Array, headerOffset: number): Header {
  try {
    return decodeHeader(raw);
  } catch (cause) {
    throw damaged('its header is no Protocol Buffers message of ours', `byte ${headerOffset}`, cause);
  }
}

/** Checks that the CRC-32 of [start, end) stands at `end`. */
export function assertChecksum(bytes: Uint8Array, start: number, end: number): void {
  if (end + CHECKSUM_BYTES > bytes.length) {
    throw damaged(`it ends at byte ${bytes.length}, a checksum is missing`, `byte ${end}`);
  }
  const stored = new DataView(bytes.buffer, bytes.byteOffset + end, CHECKSUM_BYTES).getUint32(0, true);
  if (crc32(bytes.subarray(start, end)) === stored) return;
  throw damaged(`the bytes ${start} to ${end - 1} do not have the checksum behind them`, `byte ${end}`);
}
