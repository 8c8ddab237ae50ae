import { type DataType, FormatError } from '@espalier/core';

/** What the header of a `.npy` file says. */
export interface NpyHeader {
  readonly type: DataType;
  readonly bigEndian: boolean;
  readonly fortranOrder: boolean;
  readonly dims: readonly number[];
  /** Bytes before the first element. */
  readonly headerBytes: number;
}

/** Bytes that tell how long the header is: magic, version and a 4-byte length. */
export const NPY_PREFIX_BYTES = 12;

// numpy.load refuses longer ones too (max_header_size).
const LONGEST_HEADER = 65_536;

const types: Readonly<Record<string, DataType>> = {
  b1: 'bool',
  i1: 'int8',
  u1: 'uint8',
  i2: 'int16',
  u2: 'uint16',
  i4: 'int32',
  u4: 'uint32',
  i8: 'int64',
  u8: 'uint64',
  f2: 'float16',
  f4: 'float32',
  f8: 'float64',
};

/**
 * Total bytes before the data, from the first bytes of the file.
 *
 * @throws {FormatError} when these bytes don't open a `.npy` file of version 1.0, 2.0 or 3.0
 */
export function npyHeaderBytes(prefix: Uint8Array, name: string): number {
  const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];
  if (prefix.length < 10 || magic.some((byte, i) => prefix[i] !== byte)) {
    throw new FormatError({
      what: `"${name}" is no .npy file: it does not begin with \\x93NUMPY.`,
      where: 'byte 0',
      fix: 'Write it with numpy.save.',
    });
  }
  const [major, minor] = [prefix[6] ?? 0, prefix[7] ?? 0];
  if (major < 1 || major > 3 || minor !== 0) {
    throw new FormatError({
      what: `"${name}" has .npy version ${major}.${minor}; 1.0, 2.0 and 3.0 are known.`,
      where: 'byte 6',
      fix: 'Write it with numpy.save.',
    });
  }
  const view = new DataView(prefix.buffer, prefix.byteOffset, prefix.byteLength);
  const start = major === 1 ? 10 : 12;
  const length = major === 1 ? view.getUint16(8, true) : prefix.length < 12 ? 0 : view.getUint32(8, true);
  if (length === 0 || length > LONGEST_HEADER) {
    throw damaged(name, `its header claims ${length} bytes`, 8);
  }
  return start + length;
}

/**
 * Reads the header: a Python dict literal with `descr`, `fortran_order` and `shape`.
 *
 * @param bytes - the file's first `npyHeaderBytes`
 * @throws {FormatError} when the text is not that, or the type is no plain number
 * @see NumPy, numpy.lib.format: versions 1.0 to 3.0
 */
export function parseNpyHeader(bytes: Uint8Array, name: string): NpyHeader {
  const start = (bytes[6] ?? 1) === 1 ? 10 : 12;
  const text = new TextDecoder().decode(bytes.subarray(start)).trim();
  if (!/^\{.*\}$/s.test(text)) throw damaged(name, 'its header is no Python dict', start);
  const order = /'fortran_order':\s*(True|False)/.exec(text)?.[1];
  const shape = /'shape':\s*\(([\d\sL,]*)\)/.exec(text)?.[1];
  if (order === undefined || shape === undefined) {
    throw damaged(name, "its header lacks 'fortran_order' or 'shape'", start);
  }
  const descr = /'descr':\s*'([^']*)'/.exec(text)?.[1];
  const [, endian = '', kind = ''] = /^([<>|=]?)([a-zA-Z]\d+)$/.exec(descr ?? '') ?? [];
  const type = types[kind];
  if (type === undefined) {
    throw new FormatError({
      what: `"${name}" holds elements of type ${descr === undefined ? 'record' : `'${descr}'`}, not plain numbers.`,
      where: `byte ${start}`,
      fix: 'Save a float, integer or bool array, e.g. x.astype(numpy.float32).',
    });
  }
  const dims = shape
    .split(',')
    .map((dim) => dim.trim().replace(/L$/, ''))
    .filter((dim) => dim !== '')
    .map(Number);
  if (dims.length > 32 || dims.some((dim) => !Number.isSafeInteger(dim))) {
    throw damaged(name, `its header claims the shape (${shape.slice(0, 80)})`, start);
  }
  return {
    type,
    bigEndian: endian === '>',
    fortranOrder: order === 'True',
    dims,
    headerBytes: bytes.length,
  };
}

function damaged(name: string, why: string, offset: number): FormatError {
  return new FormatError({
    what: `"${name}" is a damaged .npy file: ${why}.`,
    where: `byte ${offset}`,
    fix: 'Write it again with numpy.save.',
  });
}
