import type { Given, Options } from '../options/options.js';
import type { Container } from './container.js';
import { PASS_PLUGIN } from './tokens.js';

/** The plugin contract this core speaks. It changes with core's major version. */
export const apiVersion = 1;

/** Something that adds passes, encodings, formats or recipes to a compressor. */
export interface Plugin {
  /** Unique among the plugins of a compressor: `prune`. */
  readonly id: string;
  /** The npm package that it comes in, for messages. The command fills it in where it is left out. */
  readonly package?: string;
  /** The contract it was written for. */
  readonly apiVersion: number;
  /** Registers what it brings. Called once for each compressor. */
  register(container: Container): void;
}

/** One entry of a pipeline, as plain data: what code, recipe file and playground share. */
export interface Step<O = unknown> {
  readonly pass: string;
  /** Checked, with defaults filled in. */
  readonly options: Readonly<O>;
}

/** A plugin with one pass. Call it with options and it gives a step. */
export interface PassPlugin<O = unknown> extends Plugin {
  (options?: Given<O>): Step<O>;
  readonly options: Options<O>;
  /** One sentence. */
  readonly about: string;
}

/** Makes a plugin that only registers things. */
export function definePlugin(plugin: Omit<Plugin, 'apiVersion'>): Plugin {
  return Object.freeze({ ...plugin, apiVersion });
}

/** Makes a plugin with one pass. */
export function definePassPlugin<O extends object>(definition: {
  readonly id: string;
  readonly about: string;
  readonly options: Options<O>;
  readonly package?: string;
  register(container: Container): void;
}): PassPlugin<O> {
  const { id, about, options } = definition;
  const step = (input?: Given<O>): Step<O> => Object.freeze({ pass: id, options: options.parse(input, id) });
  const plugin: PassPlugin<O> = Object.assign(step, {
    id,
    about,
    options,
    apiVersion,
    ...(definition.package === undefined ? {} : { package: definition.package }),
    register(container: Container): void {
      container.register(PASS_PLUGIN, { useValue: plugin as PassPlugin });
      definition.register(container);
    },
  });
  return Object.freeze(plugin);
}
