import { ByteWriter } from '@espalier/core';
import { type Header, type HeaderField, headerFields, wireType } from './header.js';

/** The bytes of a header: fields by number, columns packed, what is empty or zero left out, as protoc writes them. */
export function encodeHeader(header: Header): Uint8Array {
  const writer = new ByteWriter();
  for (const [index, field] of headerFields.entries()) writeField(writer, (index + 1) * 8, header, field);
  return writer.finish();
}

/** @param key - eight times the number of the field */
function writeField(writer: ByteWriter, key: number, header: Header, [kind, name]: HeaderField): void {
  switch (kind) {
    case 'string':
      for (const text of header[name]) writeCounted(writer, key, new TextEncoder().encode(text));
      break;
    case 'bytes':
      if (header[name].length > 0) writeCounted(writer, key, header[name]);
      break;
    case 'uint32':
      if (header[name] !== 0) writer.varint(key + wireType.varint).varint(header[name]);
      break;
    case 'repeated uint32':
      writeColumn(writer, key, header[name], (column, value) => column.varint(value));
      break;
    case 'repeated sint32':
      writeColumn(writer, key, header[name], (column, value) => column.signedVarint(value));
      break;
    case 'repeated sint64':
      writeColumn(writer, key, header[name], writeSint64);
      break;
    case 'repeated float':
      writeColumn(writer, key, header[name], (column, value) => column.f32(value));
      break;
    default:
      kind satisfies never;
  }
}

function writeColumn<T>(
  writer: ByteWriter,
  key: number,
  values: readonly T[],
  write: (column: ByteWriter, value: T) => void,
): void {
  if (values.length === 0) return;
  const column = new ByteWriter();
  for (const value of values) write(column, value);
  writeCounted(writer, key, column.finish());
}

function writeCounted(writer: ByteWriter, key: number, bytes: Uint8Array): void {
  writer
    .varint(key + wireType.counted)
    .varint(bytes.length)
    .bytes(bytes);
}

function writeSint64(column: ByteWriter, value: bigint): void {
  let code = BigInt.asUintN(64, (value << 1n) ^ (value >> 63n));
  for (; code >= 128n; code >>= 7n) column.u8(Number(code & 127n) | 128);
  column.u8(Number(code));
}
