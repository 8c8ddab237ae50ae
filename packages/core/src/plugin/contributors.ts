import { PluginError } from '../errors/errors.js';
import { type Container, resolveAll, type Token, token } from './container.js';
import type { Plugin } from './plugin.js';
import { CALIBRATOR, ENCODING, FORMAT, INVARIANT, KERNEL, PASS_PLUGIN, RECIPE } from './tokens.js';

/** What plugins register by name, and how it is called in messages. */
const contributions: readonly (readonly [string, (container: Container) => readonly string[]])[] = [
  ['pass', names(PASS_PLUGIN, ({ id }) => id)],
  ['encoding', names(ENCODING, ({ kind }) => kind)],
  ['format', names(FORMAT, ({ name }) => name)],
  ['calibrator', names(CALIBRATOR, ({ name }) => name)],
  ['recipe', names(RECIPE, ({ name }) => name ?? '')],
  ['invariant', names(INVARIANT, ({ name }) => name)],
  ['kernel', names(KERNEL, ({ domain, op }) => `${domain}.${op}`)],
];

function names<T>(
  wanted: Token<T>,
  nameOfOne: (one: T) => string,
): (container: Container) => readonly string[] {
  return (container) => resolveAll(container, wanted).map(nameOfOne);
}

/** Which plugin brought what into a container. */
export class Contributors {
  readonly #container: Container;
  readonly #plugins = new Map<string, Plugin>();
  /** By `pass prune`. */
  readonly #owners = new Map<string, Plugin>();

  /** @param container - what it holds already is core's own */
  constructor(container: Container) {
    this.#container = container;
    for (const key of this.#contributed()) this.#owners.set(key, core);
  }

  /**
   * Lets a plugin register what it brings.
   *
   * @throws {PluginError} where it throws, or a name is taken
   */
  install(plugin: Plugin): void {
    const other = this.#plugins.get(plugin.id);
    if (other !== undefined) {
      throw new PluginError({
        what: `Two plugins are named "${plugin.id}"${between(other, plugin)}.`,
        fix: 'List each once.',
      });
    }
    this.#plugins.set(plugin.id, plugin);
    const before = this.#contributed().length;
    try {
      plugin.register(this.#container);
    } catch (cause) {
      throw new PluginError({
        what: `The plugin ${nameOf(plugin)} can't be installed: it threw ${cause instanceof Error ? `${cause.name}: ${cause.message.split('\n')[0]}` : String(cause)}.`,
        fix: "Report it to the plugin's author, or leave it out.",
        cause,
      });
    }
    if (this.#contributed().length > before) this.#claim(plugin);
  }

  /** What to call a pass by: its name, and the package of its plugin where that is known. */
  nameOfPass(pass: string): string {
    const plugin = this.#owners.get(`pass "${pass}"`);
    if (plugin?.package === undefined) return `"${pass}"`;
    return plugin.id === pass
      ? `"${pass}" (package ${plugin.package})`
      : `"${pass}" (plugin "${plugin.id}", package ${plugin.package})`;
  }

  #contributed(): readonly string[] {
    return contributions.flatMap(([what, listed]) =>
      listed(this.#container).map((name) => `${what} "${name}"`),
    );
  }

  #claim(plugin: Plugin): void {
    const seen = new Set<string>();
    for (const key of this.#contributed()) {
      const owner = this.#owners.get(key);
      if (owner === undefined) this.#owners.set(key, plugin);
      else if (seen.has(key)) throw taken(key, owner, plugin);
      seen.add(key);
    }
  }
}

const core: Plugin = { id: 'core', package: '@espalier/core', apiVersion: 0, register() {} };

function taken(key: string, owner: Plugin, plugin: Plugin): PluginError {
  const twice = owner === plugin;
  return new PluginError({
    what: `The plugin ${nameOf(plugin)} registers the ${key}${twice ? ' twice' : `, which the plugin ${nameOf(owner)} brought`}.`,
    fix: twice ? "Report it to the plugin's author." : 'Leave one of the two out.',
  });
}

/** `"drop" (package espalier-plugin-drop)`. */
export function nameOf(plugin: Plugin): string {
  return plugin.package === undefined ? `"${plugin.id}"` : `"${plugin.id}" (package ${plugin.package})`;
}

function between(a: Plugin, b: Plugin): string {
  const packages = [a.package, b.package].filter((name) => name !== undefined);
  return packages.length === 0 ? '' : ` (of ${packages.join(' and ')})`;
}

/** Who brought what into a registry. */
export const CONTRIBUTORS: Token<Contributors> = token('contributors');
