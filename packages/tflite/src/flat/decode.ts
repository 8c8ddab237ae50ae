import { FormatError } from '@espalier/core';
import { ByteBuffer } from 'flatbuffers';
import type { Field, Fields, FieldsOf, Members, ScalarKind } from '../schema/fields.js';

const scalarBytes: Readonly<Record<ScalarKind, number>> = {
  bool: 1,
  int8: 1,
  int32: 4,
  uint32: 4,
  uint64: 8,
  float32: 4,
};

/**
 * Tables may share what they point to, so a small file can stand for many parts. Real ones take less than one unit a
 * byte; what takes more than this many has been made to.
 */
const unitsPerByte = 8;

/**
 * Reads the root table of a FlatBuffer, whole. The official library reads where it is told to; what stands between it and
 * a hostile file is here: every place is checked against the file's end before it is read, and the number of parts
 * against its size.
 *
 * @throws {FormatError} with the path of fields and the byte offset
 */
export function decode<T>(bytes: Uint8Array, fields: FieldsOf<T>, name: string): T {
  // A `FieldsOf<T>` has for each field of T the kind that gives its type.
  return new Decoder(bytes).root(fields as unknown as Fields, name) as T;
}

class Decoder {
  readonly #buffer: ByteBuffer;
  readonly #length: number;
  #unitsLeft: number;

  constructor(bytes: Uint8Array) {
    this.#buffer = new ByteBuffer(bytes);
    this.#length = bytes.length;
    this.#unitsLeft = bytes.length * unitsPerByte;
  }

  root(fields: Fields, name: string): Record<string, unknown> {
    return this.#table(this.#indirect(0, name), fields, name);
  }

  #table(at: number, fields: Fields, path: string): Record<string, unknown> {
    this.#need(at, 4, path);
    const vtable = at - this.#buffer.readInt32(at);
    this.#need(vtable, 4, path);
    const vtableBytes = this.#buffer.readUint16(vtable);
    this.#need(vtable, vtableBytes, path);
    const result: Record<string, unknown> = {};
    for (const [name, field] of Object.entries(fields)) {
      this.#spend(1, at, path);
      // The first two entries are sizes.
      const entry = 4 + 2 * field.slot;
      const placeOf = (slotsBehind: number): number => {
        const place = entry + 2 * slotsBehind;
        const offset = place + 2 <= vtableBytes ? this.#buffer.readUint16(vtable + place) : 0;
        return offset === 0 ? 0 : at + offset;
      };
      result[name] = this.#field(field, placeOf, `${path}.${name}`);
    }
    return result;
  }

  /** @param placeOf - where the field is, and the one behind it; 0 where it is left out */
  #field(field: Field, placeOf: (slotsBehind: number) => number, path: string): unknown {
    const at = placeOf(0);
    switch (field.kind) {
      case 'bool':
        return at !== 0 && this.#scalar('bool', at, path) !== 0;
      case 'int8':
      case 'int32':
      case 'uint32':
      case 'uint64':
      case 'float32':
        return at === 0 ? (field.absent ?? 0) : this.#scalar(field.kind, at, path);
      case 'string':
        return at === 0 ? '' : new TextDecoder().decode(this.#bytes(at, path));
      case 'bytes':
        return at === 0 ? empty : this.#bytes(at, path);
      case 'int32s':
        return at === 0 ? [] : this.#vector(at, 4, path, (place) => this.#buffer.readInt32(place));
      case 'int64s':
        return at === 0 ? [] : this.#vector(at, 8, path, (place) => Number(this.#buffer.readInt64(place)));
      case 'float32s':
        return at === 0 ? [] : this.#vector(at, 4, path, (place) => this.#buffer.readFloat32(place));
      case 'table':
        return at === 0 ? null : this.#table(this.#indirect(at, path), field.fields, path);
      case 'tables':
        return at === 0 ? [] : this.#tables(at, field.fields, path);
      case 'union':
        return this.#union(at, placeOf(1), field.members, path);
    }
    return field satisfies never;
  }

  #scalar(kind: ScalarKind, at: number, path: string): number {
    this.#need(at, scalarBytes[kind], path);
    switch (kind) {
      case 'bool':
        return this.#buffer.readUint8(at);
      case 'int8':
        return this.#buffer.readInt8(at);
      case 'int32':
        return this.#buffer.readInt32(at);
      case 'uint32':
        return this.#buffer.readUint32(at);
      case 'uint64':
        return Number(this.#buffer.readUint64(at));
      case 'float32':
        return this.#buffer.readFloat32(at);
    }
    return kind satisfies never;
  }

  #vector<T>(at: number, size: number, path: string, read: (place: number) => T): readonly T[] {
    const { start, count } = this.#span(at, size, path);
    this.#spend(count, at, path);
    return Array.from({ length: count }, (_, index) => read(start + index * size));
  }

  #bytes(at: number, path: string): Uint8Array {
    const { start, count } = this.#span(at, 1, path);
    return this.#buffer.bytes().subarray(start, start + count);
  }

  #tables(at: number, fields: Fields, path: string): readonly Record<string, unknown>[] {
    const { start, count } = this.#span(at, 4, path);
    this.#spend(count, at, path);
    return Array.from({ length: count }, (_, index) => {
      const one = `${path}[${index}]`;
      return this.#table(this.#indirect(start + 4 * index, one), fields, one);
    });
  }

  #union(typeAt: number, at: number, members: Members, path: string): unknown {
    if (typeAt === 0) return null;
    this.#need(typeAt, 1, path);
    const number = this.#buffer.readUint8(typeAt);
    if (number === 0) return null;
    const found = Object.entries(members).find(([, member]) => member.number === number);
    if (found === undefined) return { name: null, number };
    const [name, { fields }] = found;
    if (at === 0) throw this.#broken(`there is a type of ${name}, and nothing of it`, typeAt, path);
    return { name, table: this.#table(this.#indirect(at, path), fields, `${path}.${name}`) };
  }

  /** The elements of a vector that the offset at `at` leads to. */
  #span(at: number, size: number, path: string): { readonly start: number; readonly count: number } {
    const vector = this.#indirect(at, path);
    this.#need(vector, 4, path);
    const count = this.#buffer.readUint32(vector);
    this.#need(vector + 4, count * size, path);
    return { start: vector + 4, count };
  }

  #indirect(at: number, path: string): number {
    this.#need(at, 4, path);
    return at + this.#buffer.readUint32(at);
  }

  #need(at: number, length: number, path: string): void {
    if (at >= 0 && at + length <= this.#length) return;
    throw this.#broken(
      `it points to bytes ${at} to ${at + length}, the file has ${this.#length}`,
      Math.max(at, 0),
      path,
    );
  }

  #spend(units: number, at: number, path: string): void {
    this.#unitsLeft -= units;
    if (this.#unitsLeft < 0) throw this.#broken('it has more parts than any model of its size', at, path);
  }

  #broken(what: string, at: number, path: string): FormatError {
    return new FormatError({
      what: `The .tflite file is damaged: ${what}.`,
      where: `${path}, byte ${at}`,
      fix: 'Get or export the model again.',
    });
  }
}

const empty = new Uint8Array();
