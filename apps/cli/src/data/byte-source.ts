import { open, readFile, stat } from 'node:fs/promises';
import { FileError } from '@espalier/core';

/** Bytes that can be read in slices: a file on disk, or a member of an archive held in memory. */
export interface ByteSource {
  /** What errors call it: a path, or `archive.npz:member`. */
  readonly name: string;
  readonly sizeBytes: number;
  /** The `length` bytes at `offset`; the caller has checked them against `sizeBytes`. */
  read(offset: number, length: number): Promise<Uint8Array>;
  close(): Promise<void>;
}

/** Bytes already in memory. */
export function memorySource(name: string, bytes: Uint8Array): ByteSource {
  return {
    name,
    sizeBytes: bytes.byteLength,
    async read(offset, length) {
      return bytes.subarray(offset, offset + length);
    },
    async close() {},
  };
}

/**
 * Opens a file for reading in slices.
 *
 * @throws {FileError} when it is missing, a folder, or may not be read
 */
export async function openFile(path: string): Promise<ByteSource> {
  await assertFile(path);
  const handle = await open(path, 'r').catch((error: unknown) => {
    throw unreadable(path, error);
  });
  const info = await handle.stat();
  return {
    name: path,
    sizeBytes: info.size,
    async read(offset, length) {
      const bytes = new Uint8Array(length);
      let done = 0;
      while (done < length) {
        const { bytesRead } = await handle.read(bytes, done, length - done, offset + done);
        if (bytesRead === 0) {
          throw new FileError({
            what: `"${path}" ends at byte ${offset + done}, ${length - done} bytes early.`,
            fix: 'The file got shorter while it was read: make it again.',
          });
        }
        done += bytesRead;
      }
      return bytes;
    },
    async close() {
      await handle.close();
    },
  };
}

/**
 * All bytes of a file.
 *
 * @throws {FileError} when it is missing, a folder, a device, too large for one array, or may not be read
 */
export async function readWhole(path: string): Promise<Uint8Array> {
  await assertFile(path);
  return readFile(path).catch((error: unknown) => {
    throw unreadable(path, error);
  });
}

/** Pipes and devices have no size and need not end; opening a pipe alone may wait for ever. */
async function assertFile(path: string): Promise<void> {
  const info = await stat(path).catch((error: unknown) => {
    throw unreadable(path, error);
  });
  if (info.isFile()) return;
  throw new FileError({
    what: `"${path}" is ${info.isDirectory() ? 'a folder' : 'not a file'}.`,
    fix: 'Name a file.',
  });
}

/** A whole small file. */
export async function readSource(source: ByteSource): Promise<Uint8Array> {
  return source.read(0, source.sizeBytes);
}

/** Whether the path is a folder; false where nothing is there. */
export async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (info) => info.isDirectory(),
    () => false,
  );
}

/** The error for a path that can't be opened, with the remedy its system code asks for. */
export function unreadable(path: string, cause: unknown): FileError {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return new FileError({ what: `"${path}" does not exist.`, fix: 'Check the path.', cause });
  }
  if (code === 'EACCES' || code === 'EPERM') {
    return new FileError({ what: `"${path}" may not be read.`, fix: 'Check its permissions.', cause });
  }
  if (code === 'EISDIR') {
    return new FileError({ what: `"${path}" is a folder.`, fix: 'Name a file.', cause });
  }
  if (code === 'ERR_FS_FILE_TOO_LARGE') {
    return new FileError({
      what: `"${path}" is larger than 2 GiB.`,
      fix: 'Keep large weights in external data files beside the model.',
      cause,
    });
  }
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new FileError({ what: `"${path}" can't be read: ${reason}`, cause });
}
