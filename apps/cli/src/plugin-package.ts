import { existsSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative, resolve as toPath } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { PluginError } from '@espalier/core';
import { resolve } from 'import-meta-resolve';

/** A package of the user's project that was imported. */
export interface ImportedPackage {
  /** The name in its package.json; where there is none, what it was asked for by. */
  readonly name: string;
  readonly version: string | null;
  readonly file: string;
  readonly module: Readonly<Record<string, unknown>>;
}

/**
 * Imports a package, or a file by its path, as a module in `folder` would: from the user's project, never from what
 * the command itself is installed with.
 *
 * @throws {PluginError} saying whether it is missing, or there and throws
 */
export async function importPackage(asked: string, folder: string): Promise<ImportedPackage> {
  const file = resolveFrom(asked, folder);
  const { name = asked, version = null } = manifestOf(file);
  try {
    return { name, version, file, module: await import(pathToFileURL(file).href) };
  } catch (cause) {
    throw new PluginError({
      what: `The plugin package "${name}" throws as it is loaded: ${firstLine(cause)}`,
      where: relative(process.cwd(), file),
      fix: "Report it to the plugin's author; --debug shows where it throws.",
      cause,
    });
  }
}

function resolveFrom(asked: string, folder: string): string {
  const from = join(folder, 'package.json');
  try {
    const own = packageInFolder(asked, folder);
    return existing(fileURLToPath(resolve(own?.name ?? asked, pathToFileURL(own?.manifest ?? from).href)));
  } catch (cause) {
    // Packages without "exports" and folders are found as `require` finds them.
    try {
      return createRequire(from).resolve(asked);
    } catch {
      const place = relative(process.cwd(), folder) || 'the current folder';
      throw new PluginError({
        what: `There is no plugin package "${asked}" as seen from ${place}.`,
        fix: isPath(asked) ? 'Check the path.' : `Install it there: npm install ${asked}`,
        cause,
      });
    }
  }
}

/** A package that is asked for by its folder, as its author does: it is found by its name from within. */
function packageInFolder(
  asked: string,
  folder: string,
): { readonly name: string; readonly manifest: string } | null {
  const manifest = join(toPath(folder, asked), 'package.json');
  if (!isPath(asked) || !existsSync(manifest)) return null;
  const { name } = readManifest(manifest);
  return typeof name === 'string' ? { name, manifest } : null;
}

/** Resolving a path does not look whether it is there. */
function existing(file: string): string {
  if (statSync(file, { throwIfNoEntry: false })?.isFile() === true) return file;
  throw new Error(`${file} does not exist`);
}

function isPath(asked: string): boolean {
  return asked.startsWith('.') || asked.startsWith('/');
}

/** The package.json that a file belongs to: the nearest above it with a name. */
function manifestOf(file: string): { readonly name?: string; readonly version?: string } {
  for (let folder = dirname(file); folder !== dirname(folder); folder = dirname(folder)) {
    const path = join(folder, 'package.json');
    if (!existsSync(path)) continue;
    const { name, version } = readManifest(path);
    if (typeof name === 'string') return { name, ...(typeof version === 'string' ? { version } : {}) };
  }
  return {};
}

/** Where it is no JSON, importing what belongs to it says so. */
function readManifest(path: string): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
  } catch {
    return {};
  }
}

function firstLine(error: unknown): string {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return text.split('\n')[0] ?? '';
}
