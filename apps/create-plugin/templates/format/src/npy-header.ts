import { FormatError } from '@espalier/core';

/** What the header of a `.npy` file says of a matrix. */
export interface NpyHeader {
  readonly elementBytes: 4 | 8;
  /** Columns, not rows, stand one after the other. */
  readonly fortranOrder: boolean;
  readonly rows: number;
  readonly columns: number;
  /** Bytes before the first element. */
  readonly headerBytes: number;
}

const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];

/** Whether the bytes begin as `numpy.save` has them. */
export function isNpy(bytes: Uint8Array): boolean {
  return bytes.length > 10 && magic.every((byte, i) => bytes[i] === byte);
}

/**
 * Reads the header: a length, then a Python dict with `descr`, `fortran_order` and `shape`.
 *
 * @throws {FormatError} when it is cut, or holds no matrix of little-endian floats
 * @see NumPy, numpy.lib.format: versions 1.0 to 3.0
 */
export function readHeader(bytes: Uint8Array, file: string): NpyHeader {
  const isLong = (bytes[6] ?? 0) >= 2;
  const start = isLong ? 12 : 10;
  if (!isNpy(bytes) || bytes.length < start) throw damaged(file, 'its header is cut', 0);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headerBytes = start + (isLong ? view.getUint32(8, true) : view.getUint16(8, true));
  if (headerBytes > bytes.length) throw damaged(file, `its header claims ${headerBytes} bytes`, 8);
  const text = new TextDecoder().decode(bytes.subarray(start, headerBytes));
  const [, size] = /'descr':\s*'<f([48])'/.exec(text) ?? [];
  const [, order] = /'fortran_order':\s*(True|False)/.exec(text) ?? [];
  const [, rows, columns] = /'shape':\s*\((\d{1,9}),\s*(\d{1,9})\)/.exec(text) ?? [];
  if (size === undefined || order === undefined || rows === undefined || columns === undefined) {
    throw new FormatError({
      what: 'It holds no matrix of float32 or float64.',
      where: `${file}, byte ${start}`,
      fix: 'Save one: numpy.save(path, matrix.astype(numpy.float32)).',
    });
  }
  return {
    elementBytes: size === '4' ? 4 : 8,
    fortranOrder: order === 'True',
    rows: Number(rows),
    columns: Number(columns),
    headerBytes,
  };
}

export function damaged(file: string, why: string, offset: number): FormatError {
  return new FormatError({
    what: `The file is damaged: ${why}.`,
    where: `${file}, byte ${offset}`,
    fix: 'Write it again with numpy.save.',
  });
}
