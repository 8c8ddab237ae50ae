import { relative } from 'node:path';
import {
  apiVersion,
  CALIBRATOR,
  type Compressor,
  ENCODING,
  KERNEL,
  optionEntries,
  type PassPlugin,
  resolveAll,
} from '@espalier/core';
import type { Command } from 'commander';
import { formatTable } from '../output/table.js';
import { type LoadedPlugin, pluginsHere } from '../plugins.js';
import type { Session } from '../session.js';
import type { Run } from './command.js';

/** `espalier plugins` */
export function addPlugins(program: Command, run: Run): void {
  program
    .command('plugins')
    .summary('list plugins and where they are loaded from, passes with their options, formats, encodings')
    .description(
      'Lists the plugins that are loaded and from where, and what there is with them: passes with their options, file formats, encodings, calibrators.',
    )
    .argument('[pass]', 'show the options of this pass only')
    .action(run((session, [pass]) => plugins(session, pass)));
}

async function plugins(session: Session, only: string | undefined): Promise<void> {
  const loaded = await pluginsHere(session);
  const compressor = session.makeCompressor(loaded);
  const passes = compressor.passes.filter(({ id }) => only === undefined || id === only);
  const formats = compressor.formats.map(({ name, extensions, write }) => ({
    name,
    extensions,
    writes: write !== undefined,
  }));
  const encodings = encodingNames(compressor);
  const calibrators = resolveAll(compressor.container, CALIBRATOR).map(({ name, about }) => ({
    name,
    about,
  }));
  const kernels = resolveAll(compressor.container, KERNEL).map(({ domain, op }) => `${domain}.${op}`);
  const json = {
    plugins: loaded.map(pluginJson),
    apiVersion,
    passes: passes.map(passJson),
    formats,
    encodings,
    calibrators,
    kernels,
  };
  session.print(json, () =>
    [
      only === undefined ? pluginsText(loaded, session.width) : '',
      ...passes.map((pass) => passText(pass, session.width)),
      `formats    ${formats.map(({ name, extensions, writes }) => `${name} (${extensions.join(', ')}${writes ? '' : ', read only'})`).join(', ')}\n`,
      `encodings  ${encodings.join(', ')}\n`,
      ...calibrators.map(({ name, about }) => `calibrator ${name}: ${about}\n`),
      kernels.length === 0 ? '' : `kernels    ${kernels.join(', ')}\n`,
    ].join(''),
  );
}

interface PluginJson {
  readonly id: string;
  readonly package: string;
  readonly version: string | null;
  readonly apiVersion: number;
  /** From the folder that the command runs in. */
  readonly file: string;
}

function pluginJson({ id, package: name, version, apiVersion: api, file }: LoadedPlugin): PluginJson {
  return { id, package: name, version, apiVersion: api, file: relative(process.cwd(), file) };
}

/** What was loaded beside the first-party plugins, and from where. */
function pluginsText(loaded: readonly LoadedPlugin[], width: number): string {
  const note = `plugin API ${apiVersion}; everything first-party is built in\n\n`;
  if (loaded.length === 0) return `no other plugins are loaded (${note.trim()})\n\n`;
  const table = formatTable(
    [{ title: 'plugin' }, { title: 'package' }, { title: 'API' }, { title: 'loaded from', flexible: true }],
    loaded
      .map(pluginJson)
      .map(({ id, package: name, version, apiVersion: api, file }) => [
        id,
        version === null ? name : `${name} ${version}`,
        String(api),
        file,
      ]),
    width,
  );
  return `${table}\n${note}`;
}

function encodingNames({ container }: Compressor): readonly string[] {
  return resolveAll(container, ENCODING).map(({ kind }) => kind);
}

interface OptionJson {
  readonly name: string;
  readonly kind: string;
  readonly default: unknown;
  readonly about: string;
}

function optionsOf(pass: PassPlugin): readonly OptionJson[] {
  return optionEntries(pass.options).map(([name, entry]) => ({
    name,
    kind: entry.kind,
    default: entry.default,
    about: entry.about,
  }));
}

function passJson(pass: PassPlugin): object {
  return { id: pass.id, about: pass.about, options: optionsOf(pass), schema: pass.options.schema() };
}

function passText(pass: PassPlugin, width: number): string {
  const options = optionsOf(pass);
  const table = formatTable(
    [
      { title: 'option' },
      { title: 'value', flexible: true },
      { title: 'default' },
      { title: 'what it does', flexible: true },
    ],
    options.map((entry) => [entry.name, entry.kind, JSON.stringify(entry.default), entry.about]),
    width - 2,
  );
  const indented = table.replace(/^(?=.)/gm, '  ');
  return `${pass.id}: ${pass.about}\n${options.length === 0 ? '' : indented}\n`;
}
