import { dirname, relative, resolve } from 'node:path';
import { type Compressor, type Plugin, PluginError, type Recipe } from '@espalier/core';
import { createCompressor, presets } from '@espalier/presets';
import { type ImportedPackage, importPackage } from './plugin-package.js';
import { readRecipe, recipeFileHere } from './recipe-file.js';
import type { Session } from './session.js';

/** A plugin that a command loaded, and where it came from. */
export interface LoadedPlugin extends Plugin {
  /** The name in its package.json, or the path that it was asked for by. */
  readonly package: string;
  readonly version: string | null;
  /** The file that it was imported from. */
  readonly file: string;
}

/** Packages to load, and the folder that they are looked for from. */
export interface PluginRequest {
  readonly names: readonly string[];
  readonly folder: string;
}

/** A compressor with everything first-party and some plugins more; a recipe may list first-party ones too. */
export function makeCompressor(plugins: readonly Plugin[]): Compressor {
  const known = new Set(presets.map(({ id }) => id));
  return createCompressor(plugins.filter((plugin) => !(known.has(plugin.id) && isFirstParty(plugin))));
}

function isFirstParty({ package: name }: Plugin): boolean {
  return name?.startsWith('@espalier/') === true;
}

/**
 * Loads plugins by package name, or by path, as a module in the folder of the request would import them. What is
 * asked for twice is loaded once.
 *
 * @throws {PluginError} when a package is missing, throws as it is loaded, or holds no plugin
 */
export async function loadPlugins(requests: readonly PluginRequest[]): Promise<readonly LoadedPlugin[]> {
  const loaded = new Map<Plugin, LoadedPlugin>();
  for (const { names, folder } of requests) {
    for (const name of names) {
      const found = await importPackage(name, folder);
      for (const plugin of pluginsOf(found)) loaded.set(plugin, named(plugin, found));
    }
  }
  return [...loaded.values()];
}

function pluginsOf({ name, file, module }: ImportedPackage): readonly Plugin[] {
  const found = [...new Set(Object.values(module).filter(isPlugin))];
  if (found.length > 0) return found;
  throw new PluginError({
    what: `The package "${name}" exports no plugin.`,
    where: relative(process.cwd(), file),
    fix: 'A plugin is what definePlugin or definePassPlugin returns; export it by name.',
  });
}

/** The plugin with its package, which errors then name. */
function named(plugin: Plugin, { name, version, file }: ImportedPackage): LoadedPlugin {
  return {
    id: plugin.id,
    apiVersion: plugin.apiVersion,
    package: name,
    version,
    file,
    register: (container) => plugin.register(container),
  };
}

function isPlugin(value: unknown): value is Plugin {
  const kind = typeof value;
  if ((kind !== 'object' && kind !== 'function') || value === null) return false;
  const { id, apiVersion, register } = value as Partial<Record<keyof Plugin, unknown>>; // an object of some kind
  return typeof id === 'string' && typeof apiVersion === 'number' && typeof register === 'function';
}

/**
 * What a command is to load: the packages named with `--plugin`, which are looked for where it runs, and those of a
 * recipe file, which are looked for from its folder.
 */
export function requestsOf(session: Session, recipe: Recipe | null, path: string): readonly PluginRequest[] {
  return [
    { names: session.options.plugin ?? [], folder: process.cwd() },
    { names: recipe?.plugins ?? [], folder: dirname(resolve(path)) },
  ];
}

/** What a command without a recipe loads: `--plugin`, and the plugins of the recipe file beside the user. */
export async function pluginsHere(session: Session): Promise<readonly LoadedPlugin[]> {
  const path = recipeFileHere();
  const recipe = path === null ? null : await readRecipe(path);
  return loadPlugins(requestsOf(session, recipe, path ?? ''));
}

/** The compressor of a command: everything first-party, and the plugins that are asked for. */
export async function compressorFor(session: Session): Promise<Compressor> {
  return session.makeCompressor(await pluginsHere(session));
}
