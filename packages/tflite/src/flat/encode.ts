import { Builder } from 'flatbuffers';
import type { Field, Fields, FieldsOf, Members } from '../schema/fields.js';

/** Buffers of weights start at multiples of this, as the schema asks. */
const dataAlignment = 16;

/**
 * Writes a table and all it holds as a FlatBuffer. Fields that are what they would be if left out are left out.
 *
 * @param identifier - four characters that stand behind the first offset
 */
export function encode<T>(value: T, fields: FieldsOf<T>, identifier: string): Uint8Array {
  const builder = new Builder(1024);
  const root = writeTable(builder, value as TableObject, fields as unknown as Fields);
  builder.finish(root, identifier);
  return builder.asUint8Array();
}

type TableObject = Readonly<Record<string, unknown>>;

/** What a field needs before its table is begun: the offset of what lies elsewhere. */
type Prepared = readonly [slot: number, add: (builder: Builder) => void];

function writeTable(builder: Builder, value: TableObject, fields: Fields): number {
  const prepared = Object.entries(fields).flatMap(([name, field]) => prepare(builder, field, value[name]));
  const slots = Math.max(0, ...prepared.map(([slot]) => slot + 1));
  builder.startObject(slots);
  for (const [, add] of prepared) add(builder);
  return builder.endObject();
}

function prepare(builder: Builder, field: Field, value: unknown): readonly Prepared[] {
  const { slot, kind } = field;
  switch (kind) {
    case 'bool':
      return [[slot, (b) => b.addFieldInt8(slot, Number(value), 0)]];
    case 'int8':
      return [[slot, (b) => b.addFieldInt8(slot, Number(value), field.absent ?? 0)]];
    case 'int32':
    case 'uint32':
      return [[slot, (b) => b.addFieldInt32(slot, Number(value), field.absent ?? 0)]];
    case 'uint64':
      return [[slot, (b) => b.addFieldInt64(slot, BigInt(value as number), 0n)]];
    case 'float32':
      return [[slot, (b) => b.addFieldFloat32(slot, Number(value), field.absent ?? 0)]];
    case 'string':
      return value === '' ? [] : [offsetField(slot, builder.createString(value as string))];
    case 'bytes':
      return (value as Uint8Array).length === 0
        ? []
        : [offsetField(slot, writeBytes(builder, value as Uint8Array))];
    case 'int32s':
      return writeList(builder, slot, value, 4, (item) => builder.addInt32(item));
    case 'int64s':
      return writeList(builder, slot, value, 8, (item) => builder.addInt64(BigInt(item)));
    case 'float32s':
      return writeList(builder, slot, value, 4, (item) => builder.addFloat32(item));
    case 'table':
      return value === null
        ? []
        : [offsetField(slot, writeTable(builder, value as TableObject, field.fields))];
    case 'tables': {
      const offsets = (value as readonly TableObject[]).map((one) => writeTable(builder, one, field.fields));
      builder.startVector(4, offsets.length, 4);
      for (const offset of offsets.reverse()) builder.addOffset(offset);
      return [offsetField(slot, builder.endVector())];
    }
    case 'union':
      return writeUnion(builder, slot, value as UnionObject | null, field.members);
  }
  return field satisfies never;
}

interface UnionObject {
  readonly name: string | null;
  readonly table?: TableObject;
}

function writeUnion(
  builder: Builder,
  slot: number,
  value: UnionObject | null,
  members: Members,
): readonly Prepared[] {
  const member = value?.name == null ? undefined : members[value.name];
  if (member === undefined || value?.table === undefined) return [];
  const offset = writeTable(builder, value.table, member.fields);
  return [
    [slot, (b) => b.addFieldInt8(slot, member.number, 0)],
    [slot + 1, (b) => b.addFieldOffset(slot + 1, offset, 0)],
  ];
}

function offsetField(slot: number, offset: number): Prepared {
  return [slot, (builder) => builder.addFieldOffset(slot, offset, 0)];
}

/** Vectors are written from their end: what comes last in a FlatBuffer comes first. */
function writeList(
  builder: Builder,
  slot: number,
  value: unknown,
  size: number,
  add: (item: number) => void,
): readonly Prepared[] {
  const items = value as readonly number[];
  if (items.length === 0) return [];
  builder.startVector(size, items.length, size);
  for (let index = items.length - 1; index >= 0; index--) add(items[index] ?? 0);
  return [offsetField(slot, builder.endVector())];
}

function writeBytes(builder: Builder, bytes: Uint8Array): number {
  builder.prep(dataAlignment, bytes.length);
  return builder.createByteVector(bytes);
}
