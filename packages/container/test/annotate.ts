import { type DescField, ScalarType } from '@bufbuild/protobuf';
import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import { ByteReader } from '@espalier/core';
import { inflate } from '../src/deflate.js';
import { DEFLATED } from '../src/layout.js';
import { readFrame } from '../src/read/frame.js';
import { readStored } from '../src/read/stored.js';
import { HeaderSchema } from './gen/espalier_pb.js';

/** Bytes of one line of the dump. */
const WIDTH = 16;

/** An annotated hex dump of a file: offset, bytes, meaning; then the header inflated. */
export function annotate(file: Uint8Array): string {
  const reader = new ByteReader(file);
  const lines: string[] = [];
  const take = (length: number, meaning: string): Uint8Array => {
    const start = reader.offset;
    const bytes = reader.bytes(length);
    lines.push(...dumpLines(bytes, start, meaning));
    return bytes;
  };
  take(4, 'magic');
  take(1, 'version');
  const [flags] = take(1, 'flags: the header is deflated');
  const storedLength = varint(file, reader.offset);
  take(storedLength.bytes, `${storedLength.value} bytes of header follow`);
  const rawLength = varint(file, reader.offset);
  if (flags === DEFLATED) take(rawLength.bytes, `they inflate to ${rawLength.value}`);
  const stored = take(storedLength.value, 'header, deflated');
  take(4, 'CRC-32 of all bytes so far');
  sectionLines(file, reader.offset, lines);
  const raw = flags === DEFLATED ? (inflate(stored, rawLength.value) ?? stored) : stored;
  return [...lines, '', 'the header, inflated', ...headerLines(raw)].join('\n');
}

function varint(file: Uint8Array, offset: number): { value: number; bytes: number } {
  const reader = new ByteReader(file.subarray(offset));
  return { value: reader.varint(), bytes: reader.offset };
}

/** Payloads and checksums behind the header; shared payloads come before those with a section. */
function sectionLines(file: Uint8Array, start: number, lines: string[]): void {
  const payloads = readStored(file, readFrame(file))
    .flatMap(({ kind, payload, offset }) =>
      payload === null || offset === null ? [] : [{ kind, payload, offset }],
    )
    .sort((a, b) => a.offset - b.offset);
  let at = start;
  for (const { kind, payload, offset } of payloads) {
    lines.push(...dumpLines(payload, offset, `payload: ${kind}`));
    at = offset + payload.length;
  }
  lines.push(...dumpLines(file.subarray(at), at, 'CRC-32 of the payloads'));
}

/** One entry for each field: what its bytes say. */
function headerLines(raw: Uint8Array): readonly string[] {
  const reader = new BinaryReader(raw);
  const lines: string[] = [];
  while (reader.pos < reader.len) {
    const start = reader.pos;
    const [number, wireType] = reader.tag();
    const field = HeaderSchema.fields.find((candidate) => candidate.number === number);
    if (field === undefined) throw new Error(`field ${number}`);
    const meaning = `${field.name} ${content(reader, field, wireType)}`;
    lines.push(...dumpLines(raw.subarray(start, reader.pos), start, meaning));
  }
  return lines;
}

function content(reader: BinaryReader, field: DescField, wireType: WireType): string {
  if (wireType === WireType.Varint) return String(reader.uint32());
  const bytes = reader.bytes();
  const scalar = field.fieldKind === 'list' && field.listKind === 'scalar' ? field.scalar : ScalarType.BYTES;
  const inner = new BinaryReader(bytes);
  const numbers: (number | bigint | string)[] = [];
  switch (scalar) {
    case ScalarType.STRING:
      return JSON.stringify(new TextDecoder().decode(bytes));
    case ScalarType.BYTES:
      return `(${bytes.length} bytes)`;
    case ScalarType.UINT32:
      while (inner.pos < inner.len) numbers.push(inner.uint32());
      break;
    case ScalarType.SINT64:
      while (inner.pos < inner.len) numbers.push(inner.sint64());
      break;
    case ScalarType.SINT32:
      while (inner.pos < inner.len) numbers.push(inner.sint32());
      break;
    default:
      while (inner.pos < inner.len) numbers.push(inner.float());
  }
  return numbers.join(' ');
}

function dumpLines(bytes: Uint8Array, start: number, meaning: string): readonly string[] {
  const lines: string[] = [];
  for (let i = 0; i < bytes.length; i += WIDTH) {
    const hex = Array.from(bytes.subarray(i, i + WIDTH), (byte) => byte.toString(16).padStart(2, '0')).join(
      ' ',
    );
    const text = i === 0 ? `  ${meaning}` : '';
    lines.push(`${String(start + i).padStart(4)}  ${hex.padEnd(WIDTH * 3 - 1)}${text}`.trimEnd());
  }
  return lines;
}
