import { ByteReader } from '@espalier/core';
import { emptyHeader, type Header, type HeaderField, headerFields, wireType } from './header.js';

const MAX_UINT32 = 2 ** 32 - 1;

/**
 * Reads a header as any Protocol Buffers reader would: fields in any order, columns packed or one by one, fields
 * of other numbers passed over.
 *
 * @throws {FormatError} when the bytes are no such message
 * @throws {TypeError} when a string is no UTF-8
 */
export function decodeHeader(raw: Uint8Array): Header {
  const reader = new ByteReader(raw, 'header');
  const header = emptyHeader();
  while (reader.left > 0) {
    const tag = uint32(reader);
    const number = tag >>> 3;
    const field = headerFields[number - 1];
    if (number === 0) throw reader.error('a field has the number 0');
    if (field === undefined) skip(reader, tag & 7);
    else readField(reader, header, field, tag & 7);
  }
  return header;
}

function readField(reader: ByteReader, header: Header, field: HeaderField, wire: number): void {
  const [kind, name] = field;
  switch (kind) {
    case 'string':
      header[name].push(utf8(counted(reader, wire)));
      break;
    case 'bytes':
      header[name] = counted(reader, wire);
      break;
    case 'uint32':
      if (wire !== wireType.varint) throw wrongWire(reader, wire);
      header[name] = uint32(reader);
      break;
    case 'repeated uint32':
      readColumn(reader, header[name], wire, wireType.varint, uint32);
      break;
    case 'repeated sint32':
      readColumn(reader, header[name], wire, wireType.varint, sint32);
      break;
    case 'repeated sint64':
      readColumn(reader, header[name], wire, wireType.varint, sint64);
      break;
    case 'repeated float':
      readColumn(reader, header[name], wire, wireType.fourBytes, float);
      break;
    default:
      kind satisfies never;
  }
}

/** Many numbers behind a count of bytes, or a single one. */
function readColumn<T>(
  reader: ByteReader,
  column: T[],
  wire: number,
  single: number,
  read: (reader: ByteReader) => T,
): void {
  if (wire === single) {
    column.push(read(reader));
    return;
  }
  const packed = new ByteReader(counted(reader, wire), 'header');
  while (packed.left > 0) column.push(read(packed));
}

function counted(reader: ByteReader, wire: number): Uint8Array {
  if (wire !== wireType.counted) throw wrongWire(reader, wire);
  return reader.bytes(uint32(reader));
}

function skip(reader: ByteReader, wire: number): void {
  if (wire === wireType.varint) sint64(reader);
  else if (wire === wireType.eightBytes) reader.bytes(8);
  else if (wire === wireType.fourBytes) reader.bytes(4);
  else counted(reader, wire);
}

function uint32(reader: ByteReader): number {
  const value = reader.varint();
  if (value > MAX_UINT32) throw reader.error(`${value} is more than 32 bits hold`);
  return value;
}

/** Zigzag: 0, 1, 2, 3 stand for 0, -1, 1, -2. */
function sint32(reader: ByteReader): number {
  const code = uint32(reader);
  return (code >>> 1) ^ -(code & 1);
}

function sint64(reader: ByteReader): bigint {
  let code = 0n;
  for (let shift = 0n; shift < 70n; shift += 7n) {
    const byte = reader.u8();
    // Nearly all integers of a model are small: the loop over bigints is for the others.
    if (shift === 0n && byte < 128) return BigInt((byte >>> 1) ^ -(byte & 1));
    code |= BigInt(byte & 127) << shift;
    if (byte < 128) return BigInt.asIntN(64, (BigInt.asUintN(64, code) >> 1n) ^ -(code & 1n));
  }
  throw reader.error('a number is longer than ten bytes');
}

function float(reader: ByteReader): number {
  return reader.f32();
}

/** Made when the first string is read: that takes as long as a thousand strings. */
let decoder: TextDecoder | undefined;

function utf8(bytes: Uint8Array): string {
  decoder ??= new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  return decoder.decode(bytes);
}

function wrongWire(reader: ByteReader, wire: number): Error {
  return reader.error(`a field has the wire type ${wire}`);
}
