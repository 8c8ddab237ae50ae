import { create, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { ByteWriter } from '@espalier/core';
import { crc32 } from '../src/crc32.js';
import { deflate } from '../src/deflate.js';
import { DEFLATED, MAGIC, VERSION } from '../src/layout.js';
import { HeaderSchema } from './gen/espalier_pb.js';

/** The fields of a header, those that are not empty. */
export type HeaderFields = MessageInitShape<typeof HeaderSchema>;

/** A file with this header, honest lengths and a right checksum, and `body` behind it. */
export function frameHeader(header: HeaderFields, body: Uint8Array = new Uint8Array()): Uint8Array {
  const raw = toBinary(HeaderSchema, create(HeaderSchema, header));
  const head = new ByteWriter().bytes(Uint8Array.from(MAGIC)).u8(VERSION).u8(0).varint(raw.length).bytes(raw);
  return Uint8Array.from([...head.finish(), ...checksum(head.finish()), ...body]);
}

/** The same with a deflated header, and no body. */
export function deflatedFile(header: HeaderFields): Uint8Array {
  const raw = toBinary(HeaderSchema, create(HeaderSchema, header));
  const stored = deflate(raw);
  const head = new ByteWriter().bytes(Uint8Array.from(MAGIC)).u8(VERSION).u8(DEFLATED);
  const bytes = head.varint(stored.length).varint(raw.length).bytes(stored).finish();
  return Uint8Array.from([...bytes, ...checksum(bytes)]);
}

/** The checksum as it stands behind a section. */
export function checksum(section: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, crc32(section), true);
  return bytes;
}
