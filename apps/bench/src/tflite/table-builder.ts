import { Builder, type Offset } from 'flatbuffers';

/** A field of a table: its number in the schema, and how it is written. 0 as an offset means absent. */
export type Field =
  | { readonly id: number; readonly int8: number }
  | { readonly id: number; readonly int32: number }
  | { readonly id: number; readonly offset: Offset };

/** Tables and vectors of a flatbuffer. Children are built before the table that points at them. */
export class TableBuilder {
  readonly #builder = new Builder(1 << 20);

  /** A table with `size` fields in its schema. */
  table(size: number, fields: readonly Field[]): Offset {
    const builder = this.#builder;
    builder.startObject(size);
    for (const field of fields) {
      if ('int8' in field) builder.addFieldInt8(field.id, field.int8, 0);
      else if ('int32' in field) builder.addFieldInt32(field.id, field.int32, 0);
      else builder.addFieldOffset(field.id, field.offset, 0);
    }
    return builder.endObject();
  }

  text(value: string): Offset {
    return this.#builder.createString(value);
  }

  int32s(values: ArrayLike<number>): Offset {
    return this.#vector(values, 4, (value) => this.#builder.addInt32(value));
  }

  float32s(values: ArrayLike<number>): Offset {
    return this.#vector(values, 4, (value) => this.#builder.addFloat32(value));
  }

  int64s(values: ArrayLike<number>): Offset {
    return this.#vector(values, 8, (value) => this.#builder.addInt64(BigInt(value)));
  }

  offsets(values: readonly Offset[]): Offset {
    return this.#vector(values, 4, (value) => this.#builder.addOffset(value));
  }

  /** Bytes that start at a multiple of 16, as the schema forces for the data of tensors. */
  bytes(values: Uint8Array): Offset {
    this.#builder.prep(16, values.length);
    return this.#builder.createByteVector(values);
  }

  finish(root: Offset, identifier: string): Uint8Array {
    this.#builder.finish(root, identifier);
    return this.#builder.asUint8Array().slice();
  }

  /** Flatbuffers are written from their end. */
  #vector(values: ArrayLike<number>, bytes: number, add: (value: number) => void): Offset {
    this.#builder.startVector(bytes, values.length, bytes);
    for (let i = values.length - 1; i >= 0; i--) add(values[i] ?? 0);
    return this.#builder.endVector();
  }
}
