import {
  coreEncodings,
  type DataType,
  type Encoding,
  type EncodingKind,
  elementCount,
  FormatError,
} from '@espalier/core';

/** An encoding as a file holds it: bytes, and its children by slot in their order. */
export interface Serialised {
  readonly kind: string;
  readonly type: DataType;
  readonly dims: readonly number[];
  readonly params: Uint8Array;
  readonly payload: Uint8Array;
  readonly children: readonly (readonly [string, Serialised])[];
}

export function serialise(encoding: Encoding): Serialised {
  const { kind, type, dims } = encoding;
  return {
    kind,
    type,
    dims,
    // Copies at odd offsets: a reader must not count on alignment, nor on the writer's memory.
    params: unaligned(encoding.params()),
    payload: unaligned(encoding.payload()),
    children: Object.entries(encoding.children).map(([slot, child]) => [slot, serialise(child)] as const),
  };
}

function unaligned(bytes: Uint8Array): Uint8Array {
  const buffer = new Uint8Array(bytes.length + 1);
  buffer.set(bytes, 1);
  return buffer.subarray(1);
}

/**
 * Reads an encoding back, as a file reader does.
 *
 * @throws {FormatError} where a kind is unknown, or asks for other children than were written
 */
export function deserialise(written: Serialised, kinds: readonly EncodingKind[] = coreEncodings): Encoding {
  return read(written, kinds, written.type, written.dims, written.kind);
}

function read(
  written: Serialised,
  kinds: readonly EncodingKind[],
  type: DataType,
  dims: readonly number[],
  where: string,
): Encoding {
  const kind = kinds.find((candidate) => candidate.kind === written.kind);
  if (kind === undefined) throw damaged(`no kind "${written.kind}" is registered`, where);
  let next = 0;
  const encoding = kind.read({
    type,
    dims,
    params: written.params,
    payload: written.payload,
    where,
    child(slot, childType, childDims) {
      const entry = written.children[next++];
      if (entry?.[0] !== slot) throw damaged(`the child "${slot}" is not next`, where);
      // A hostile claim must not be followed into memory: files check the same.
      if (elementCount(childDims) > 2 ** 24) throw damaged('a child is too large', where);
      return read(entry[1], kinds, childType, childDims, `${where}.${slot}`);
    },
  });
  if (next !== written.children.length) throw damaged('children are left over', where);
  return encoding;
}

function damaged(what: string, where: string): FormatError {
  return new FormatError({ what: `A stored tensor is damaged: ${what}.`, where });
}
