import type { DescField, DescMessage } from '@bufbuild/protobuf';
import { ScalarType } from '@bufbuild/protobuf';
import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import { ModelProtoSchema } from '../gen/onnx_pb.js';

/** The place where bytes stop making sense. */
export interface Damage {
  readonly byteOffset: number;
  /** The fields that lead there: `graph.initializer.raw_data`. */
  readonly path: string;
  readonly what: string;
}

const maxDepth = 100;

/**
 * Heap that one message, one list element and one string take once parsed, measured on Node 20: a graph
 * of empty nodes, two bytes each in the file, takes 258 bytes a node.
 */
const messageBytes = 260;
const elementBytes = 32;
const textBytes = 100;

/** No model that makes sense comes near: 250 MB of weights are one field. */
const maxHeapBytes = 1.5e9;

/**
 * Walks the fields of a model before it is parsed. The library that parses does not say where it fails,
 * and makes an object for every two bytes of a hostile file: both are found out here, from lengths alone.
 *
 * @returns null when all is well
 */
export function scanWire(bytes: Uint8Array): Damage | null {
  return new Scan(bytes).message(ModelProtoSchema, 0, bytes.length, '', 0);
}

class Scan {
  readonly #reader: BinaryReader;
  readonly #fields = new Map<DescMessage, ReadonlyMap<number, DescField>>();
  #heapBytes = 0;

  constructor(bytes: Uint8Array) {
    this.#reader = new BinaryReader(bytes);
  }

  message(type: DescMessage, from: number, end: number, path: string, depth: number): Damage | null {
    const reader = this.#reader;
    const fields = this.#fieldsOf(type);
    this.#heapBytes += messageBytes;
    reader.pos = from;
    while (reader.pos < end) {
      const start = reader.pos;
      if (this.#heapBytes > maxHeapBytes) {
        return { byteOffset: start, path, what: 'it has more small parts than any model' };
      }
      let field: DescField | undefined;
      try {
        const [number, wireType] = reader.tag();
        field = fields.get(number);
        if (wireType !== WireType.LengthDelimited) {
          reader.skip(wireType, number);
          this.#heapBytes += elementBytes;
        } else {
          const damage = this.#delimited(field, number, start, end, path, depth);
          if (damage !== null) return damage;
        }
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

  #delimited(
    field: DescField | undefined,
    number: number,
    start: number,
    end: number,
    path: string,
    depth: number,
  ): Damage | null {
    const reader = this.#reader;
    const length = reader.uint32();
    const from = reader.pos;
    const inner = messageOf(field);
    const name =
      inner === undefined && length <= end - from ? '' : join(path, field?.name ?? `field ${number}`);
    if (inner !== undefined) {
      if (depth >= maxDepth) return { byteOffset: start, path, what: 'it is nested too deeply' };
      const damage = this.message(inner, from, Math.min(from + length, end), name, depth + 1);
      if (damage !== null) return damage;
    } else {
      this.#heapBytes += isPackedVarint(field) ? length * elementBytes : textBytes;
    }
    if (length > end - from) {
      return { byteOffset: start, path: name, what: `it claims ${length} bytes, ${end - from} are left` };
    }
    reader.pos = from + length;
    return null;
  }

  #fieldsOf(type: DescMessage): ReadonlyMap<number, DescField> {
    const known = this.#fields.get(type);
    if (known !== undefined) return known;
    const fields = new Map(type.fields.map((field) => [field.number, field]));
    this.#fields.set(type, fields);
    return fields;
  }
}

function messageOf(field: DescField | undefined): DescMessage | undefined {
  if (field?.fieldKind === 'message') return field.message;
  return field?.fieldKind === 'list' && field.listKind === 'message' ? field.message : undefined;
}

/** Lists of integers take a byte an element in the file, at least. */
function isPackedVarint(field: DescField | undefined): boolean {
  if (field?.fieldKind !== 'list' || field.listKind !== 'scalar') return false;
  return [ScalarType.INT32, ScalarType.INT64, ScalarType.UINT64].includes(field.scalar);
}

function join(path: string, name: string): string {
  return path === '' || name === '' ? path || name : `${path}.${name}`;
}
