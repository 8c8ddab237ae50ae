import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Compressor, type Plugin, PluginError } from '@espalier/core';
import { createCompressor, presets } from '@espalier/presets';
import type { Session } from './session.js';

/** A compressor with everything first-party and some plugins more; a recipe may list first-party ones too. */
export function makeCompressor(plugins: readonly Plugin[]): Compressor {
  const known = new Set(presets.map(({ id }) => id));
  return createCompressor(plugins.filter(({ id }) => !known.has(id)));
}

/**
 * Loads plugins by package name, or by path from the folder the command runs in.
 *
 * @throws {PluginError} when a package is missing or holds no plugin
 */
export async function loadPlugins(names: readonly string[]): Promise<readonly Plugin[]> {
  const plugins: Plugin[] = [];
  for (const name of new Set(names)) plugins.push(...(await loadPlugin(name)));
  return plugins;
}

async function loadPlugin(name: string): Promise<readonly Plugin[]> {
  const module = await importFrom(name);
  const found = new Set(Object.values(module).filter(isPlugin));
  if (found.size === 0) {
    throw new PluginError({
      what: `The package "${name}" exports no plugin.`,
      fix: 'A plugin is what definePlugin or definePassPlugin returns; export it by name.',
    });
  }
  return [...found];
}

async function importFrom(name: string): Promise<Record<string, unknown>> {
  const resolve = createRequire(join(process.cwd(), 'package.json')).resolve;
  try {
    return await import(pathToFileURL(resolve(name)).href);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.split('\n')[0] : String(cause);
    throw new PluginError({
      what: `The plugin "${name}" can't be loaded: ${reason}`,
      fix: `Install it where the command runs: npm install ${name}`,
      cause,
    });
  }
}

function isPlugin(value: unknown): value is Plugin {
  const kind = typeof value;
  if ((kind !== 'object' && kind !== 'function') || value === null) return false;
  const { id, apiVersion, register } = value as Partial<Record<keyof Plugin, unknown>>; // an object of some kind
  return typeof id === 'string' && typeof apiVersion === 'number' && typeof register === 'function';
}

/** The compressor of a command: everything first-party, and the packages named with `--plugin`. */
export async function compressorFor(session: Session): Promise<Compressor> {
  return session.makeCompressor(await loadPlugins(session.options.plugin ?? []));
}
