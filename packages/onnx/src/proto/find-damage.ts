import type { DescField, DescMessage } from '@bufbuild/protobuf';
import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import { ModelProtoSchema } from '../gen/onnx_pb.js';

/** The place where Protocol Buffers stop making sense. */
export interface Damage {
  readonly byteOffset: number;
  /** The fields that lead there: `graph.initializer.raw_data`. */
  readonly path: string;
  readonly what: string;
}

const maxDepth = 100;

/**
 * Walks the fields of a model that could not be parsed, to tell where it breaks: the library that
 * reads them does not say. Reads lengths only.
 */
export function findDamage(bytes: Uint8Array): Damage | null {
  return walk(ModelProtoSchema, bytes, 0, bytes.length, '');
}

function walk(
  message: DescMessage,
  bytes: Uint8Array,
  from: number,
  end: number,
  path: string,
): Damage | null {
  const reader = new BinaryReader(bytes);
  reader.pos = from;
  while (reader.pos < end) {
    const start = reader.pos;
    let field: DescField | undefined;
    try {
      const [number, wireType] = reader.tag();
      field = message.fields.find((candidate) => candidate.number === number);
      const name = join(path, field?.name ?? `field ${number}`);
      if (wireType !== WireType.LengthDelimited) {
        reader.skip(wireType, number);
        continue;
      }
      const length = reader.uint32();
      const left = end - reader.pos;
      const inner = child(field);
      if (inner !== undefined && name.split('.').length < maxDepth) {
        const damage = walk(inner, bytes, reader.pos, Math.min(reader.pos + length, end), name);
        if (damage !== null) return damage;
      }
      if (length > left) {
        return { byteOffset: start, path: name, what: `it claims ${length} bytes, ${left} are left` };
      }
      reader.pos += length;
    } catch {
      return {
        byteOffset: start,
        path: join(path, field?.name ?? ''),
        what: 'it is no Protocol Buffers field',
      };
    }
  }
  return null;
}

function child(field: DescField | undefined): DescMessage | undefined {
  if (field?.fieldKind === 'message') return field.message;
  return field?.fieldKind === 'list' && field.listKind === 'message' ? field.message : undefined;
}

function join(path: string, name: string): string {
  return path === '' || name === '' ? path || name : `${path}.${name}`;
}
