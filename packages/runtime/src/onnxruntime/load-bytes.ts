// This file knows Node: a model may be named by a path there, as onnxruntime-node has it. It asks the process
// for `fs` instead of importing it, so that bundlers for pages find nothing to complain about.

import { FileError } from '@espalier/core';

interface FileSystem {
  readFile(path: string | URL): Promise<Uint8Array>;
}

/** With a scheme that `fetch` knows. A drive letter of Windows is none of them. */
const isUrl = /^(https?|data|blob):/i;

/**
 * The bytes of a URL, or of a file where there is a file system.
 *
 * @throws {FileError} when they can't be had
 */
export async function loadBytes(location: string): Promise<Uint8Array> {
  const files = isUrl.test(location) ? null : fileSystem();
  try {
    if (files === null) return await fetchBytes(location);
    return await files.readFile(location.startsWith('file:') ? new URL(location) : location);
  } catch (cause) {
    throw new FileError({
      what: `The file can't be loaded: ${cause instanceof Error ? cause.message : String(cause)}.`,
      where: location,
      fix:
        files === null
          ? 'Pass a URL that this page may fetch, or the bytes.'
          : 'Pass the path of a file, a URL, or the bytes.',
      cause,
    });
  }
}

/** A file that a model names, relative to the model. */
export function beside(location: string, name: string): string {
  const end = Math.max(location.lastIndexOf('/'), location.lastIndexOf('\\'));
  return location.slice(0, end + 1) + name;
}

async function fetchBytes(url: string): Promise<Uint8Array> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`status ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}

function fileSystem(): FileSystem | null {
  const { process } = globalThis as { process?: { getBuiltinModule?(name: string): unknown } };
  // Node 20.16 and newer have it; what it gives for this name is known.
  return (process?.getBuiltinModule?.('node:fs/promises') as FileSystem | undefined) ?? null;
}
