import { randomBytes } from 'node:crypto';
import { constants, rmSync } from 'node:fs';
import { access, type FileHandle, open, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { FileError } from '@espalier/core';

interface Staged {
  readonly temporary: string;
  readonly target: string;
}

/** Temporary files of this process that are not yet renamed or removed. */
const unfinished = new Set<string>();

/** Removes what a killed run would leave behind. Synchronous, for the last moments of a process. */
export function removeUnfinished(): void {
  for (const path of unfinished) rmSync(path, { force: true });
  unfinished.clear();
}

/**
 * Output files that appear whole or not at all: each is written under a temporary name in the folder
 * it will stand in, and all are renamed together at the end.
 */
export class StagedFiles {
  readonly #force: boolean;
  readonly #write: typeof writeWhole;
  readonly #staged: Staged[] = [];

  /**
   * @param force - replace files that exist
   * @param write - how a new file is written; for tests of what can go wrong there
   */
  constructor({
    force,
    write = writeWhole,
  }: { readonly force: boolean; readonly write?: typeof writeWhole }) {
    this.#force = force;
    this.#write = write;
  }

  /**
   * Says early whether a path can be written, before minutes of work.
   *
   * @throws {FileError} when it exists and `force` is off, is a folder, or its folder is missing or read-only
   */
  async check(path: string): Promise<void> {
    const folder = dirname(path);
    const parent = await stat(folder).catch(() => null);
    if (parent === null || !parent.isDirectory()) {
      throw new FileError({
        what: `The folder "${folder}" of "${path}" does not exist.`,
        fix: 'Make it, or write elsewhere.',
      });
    }
    const info = await stat(path).catch(() => null);
    if (info !== null && !info.isFile()) {
      throw new FileError({ what: `"${path}" is not a file.`, fix: 'Name a file to write.' });
    }
    if (info !== null && !this.#force) throw exists(path);
    await access(folder, constants.W_OK).catch((cause: unknown) => {
      throw new FileError({
        what: `The folder "${folder}" may not be written to.`,
        fix: 'Change its permissions, or write elsewhere.',
        cause,
      });
    });
  }

  /**
   * The same for all outputs of a run.
   *
   * @throws {FileError} also when two of them are one file
   */
  async checkAll(paths: readonly string[]): Promise<void> {
    const targets = new Set<string>();
    for (const path of paths) {
      await this.check(path);
      const target = await targetOf(path);
      if (targets.has(target)) throw twice(path);
      targets.add(target);
    }
  }

  /**
   * Writes the bytes under a temporary name.
   *
   * @throws {FileError} when they can't be written; nothing of them is left then
   */
  async stage(path: string, bytes: Uint8Array | string): Promise<void> {
    await this.check(path);
    const target = await targetOf(path);
    if (this.#staged.some((one) => one.target === target)) throw twice(path);
    const temporary = join(dirname(target), `.${basename(target)}.${randomBytes(6).toString('hex')}.tmp`);
    unfinished.add(temporary);
    try {
      await this.#write(temporary, bytes);
    } catch (cause) {
      await discard(temporary);
      throw unwritable(path, cause);
    }
    this.#staged.push({ temporary, target });
  }

  /** Size on disk of what was staged for the path. */
  async sizeBytes(path: string): Promise<number> {
    const target = await targetOf(path);
    const staged = this.#staged.find((one) => one.target === target);
    return (await stat(staged?.temporary ?? path)).size;
  }

  /**
   * Puts all staged files in their places.
   *
   * @throws {FileError} when one can't be, for example as it came into being meanwhile
   */
  async commit(): Promise<void> {
    if (!this.#force) {
      for (const { target } of this.#staged) {
        if ((await stat(target).catch(() => null)) !== null) throw exists(target);
      }
    }
    while (this.#staged.length > 0) {
      const [next] = this.#staged;
      if (next === undefined) break;
      await rename(next.temporary, next.target).catch((cause: unknown) => {
        throw unwritable(next.target, cause);
      });
      unfinished.delete(next.temporary);
      this.#staged.shift();
    }
  }

  /** Removes what was staged and not committed. */
  async discard(): Promise<void> {
    for (const { temporary } of this.#staged.splice(0)) await discard(temporary);
  }
}

/** Where a path leads: through a link the file it points at is replaced, not the link. */
async function targetOf(path: string): Promise<string> {
  return realpath(path).catch(async () => join(await realpath(dirname(path)), basename(path)));
}

async function writeWhole(path: string, bytes: Uint8Array | string): Promise<void> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(path, 'wx', 0o666);
    await handle.writeFile(bytes);
    // Without this a full disk may only show after the rename has replaced the old file.
    await handle.sync();
  } finally {
    await handle?.close();
  }
}

async function discard(temporary: string): Promise<void> {
  await rm(temporary, { force: true });
  unfinished.delete(temporary);
}

function twice(path: string): FileError {
  return new FileError({
    what: `Two outputs are named "${path}".`,
    fix: 'Give each a name of its own.',
  });
}

function exists(path: string): FileError {
  return new FileError({
    what: `"${path}" exists already.`,
    fix: 'Pass --force to replace it, or write elsewhere.',
  });
}

function unwritable(path: string, cause: unknown): FileError {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  if (code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG') {
    return new FileError({
      what: `There is no room to write "${path}"; nothing was changed.`,
      fix: 'Free some disk space, or write elsewhere.',
      cause,
    });
  }
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new FileError({
    what: `"${path}" can't be written: ${reason}`,
    fix: 'Check the folder and its permissions.',
    cause,
  });
}
