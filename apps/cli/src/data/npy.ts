import { type DataType, FormatError, type Tensor, toBytes } from '@espalier/core';
import type { ByteSource } from './byte-source.js';
import { NPY_PREFIX_BYTES, npyHeaderBytes, parseNpyHeader } from './npy-header.js';
import { type Rows, rowsOf } from './rows.js';

/**
 * The samples of a `.npy` array, of any numeric type, either byte order and either memory order.
 * Nothing is allocated for what the header merely claims.
 *
 * @throws {FormatError} when the bytes are cut or no `.npy` file
 */
export async function openNpy(source: ByteSource): Promise<Rows> {
  const { name, sizeBytes } = source;
  const prefix = await source.read(0, Math.min(NPY_PREFIX_BYTES, sizeBytes));
  const headerBytes = npyHeaderBytes(prefix, name);
  if (headerBytes > sizeBytes) {
    throw new FormatError({
      what: `"${name}" declares a header of ${headerBytes} bytes; it has ${sizeBytes}.`,
      where: `byte ${sizeBytes}`,
      fix: 'The file is cut: write it again with numpy.save.',
    });
  }
  const header = parseNpyHeader(await source.read(0, headerBytes), name);
  return rowsOf(source, { ...header, offset: headerBytes });
}

const descriptors: { readonly [T in DataType]: string } = {
  float32: '<f4',
  float64: '<f8',
  float16: '<f2',
  int8: '|i1',
  uint8: '|u1',
  int16: '<i2',
  uint16: '<u2',
  int32: '<i4',
  uint32: '<u4',
  int64: '<i8',
  uint64: '<u8',
  bool: '|b1',
};

/** The bytes of a `.npy` file, version 1.0, C order, little-endian. */
export function encodeNpy(tensor: Tensor): Uint8Array {
  const shape = tensor.dims.length === 1 ? `${tensor.dims[0]},` : tensor.dims.join(', ');
  const dict = `{'descr': '${descriptors[tensor.type]}', 'fortran_order': False, 'shape': (${shape}), }`;
  // The data begins at a multiple of 64 bytes, so that it can be mapped into memory.
  const padding = 63 - ((10 + dict.length) % 64);
  const header = new TextEncoder().encode(`${dict}${' '.repeat(padding)}\n`);
  const data = toBytes(tensor.data);
  const out = new Uint8Array(10 + header.length + data.length);
  out.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, header.length & 255, header.length >> 8]);
  out.set(header, 10);
  out.set(data, 10 + header.length);
  return out;
}
