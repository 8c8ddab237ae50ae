import {
  LOGGER,
  optionEntries,
  PASS,
  type Pass,
  type PassPlugin,
  resolveAll,
  silentLogger,
} from '@espalier/core';
import { createCompressor, passPlugins } from '@espalier/presets';
import { type PublicPackage, readText } from '../repository.js';
import { escapeText, type GeneratedPage, page, table } from './page.js';

/**
 * One page a plugin: its README, with what its code says put in: for each pass the facts that order and protect a pipeline, and the
 * options by their schema. Then a page that lists all passes.
 */
export function pluginPages(packages: readonly PublicPackage[]): readonly GeneratedPage[] {
  const plugins = packages.filter(({ folder }) => folder.startsWith('plugins/'));
  const passes = passesById();
  return [overview(plugins), ...plugins.map((plugin) => pluginPage(plugin, passes))];
}

/** The passes as a run would make them. */
function passesById(): ReadonlyMap<string, Pass> {
  const container = createCompressor().container.createChildContainer();
  container.register(LOGGER, { useValue: silentLogger });
  return new Map(resolveAll(container, PASS).map((pass) => [pass.name, pass]));
}

function pluginPage(plugin: PublicPackage, passes: ReadonlyMap<string, Pass>): GeneratedPage {
  const source = `${plugin.folder}/README.md`;
  // The text after its own title; sections that tell of one pass begin with its name.
  const sections = readText(source)
    .replace(/^# .*\n+/, '')
    .split(/^(?=## )/m);
  const described = sections.map((section, i) => {
    const id = i === 0 ? plugin.page : /^## (\S+)\n/.exec(section)?.[1];
    const pass = passPlugins.find((candidate) => candidate.id === id);
    return pass === undefined ? section : describe(section, pass, passes.get(pass.id));
  });
  const install = `\`\`\`sh\nnpm i ${plugin.name}\n\`\`\`\n\nIt is part of \`espalier\` already; [what it exports](/reference/${plugin.page}).\n`;
  return page(
    `plugins/${plugin.page}.md`,
    { title: plugin.page, description: plugin.description, source, outline: [2, 3] },
    `# ${plugin.page}\n\n${described.join('')}\n\n## Install\n\n${install}`,
  );
}

/** A section of a README with the facts of its pass behind the first paragraph, and the options by the schema. */
function describe(section: string, plugin: PassPlugin, pass: Pass | undefined): string {
  if (pass === undefined) throw new Error(`the plugin ${plugin.id} registers no pass of that name`);
  const paragraphs = section.replace(/^\| option .*(?:\n\|.*)+/m, () => optionsOf(plugin)).split('\n\n');
  const intro = paragraphs[0]?.startsWith('## ') ? 2 : 1;
  return [...paragraphs.slice(0, intro), facts(pass), ...paragraphs.slice(intro)].join('\n\n');
}

/** What the pass manager knows of a pass, and holds others to. */
export function facts(pass: Pass): string {
  const linked = (names: readonly string[] = []): string =>
    names.map((name) => `[${name}](${passLink(name)})`).join(', ');
  const plain = (names: readonly string[] = []): string => names.map((name) => `\`${name}\``).join(', ');
  const effect = {
    exact: 'exact: outputs stay as they were, but for float rounding',
    lossy: 'lossy: the report says what it cost, layer by layer',
  }[pass.effect];
  const rows = [
    ['In a recipe', `\`"${pass.name}"\``],
    ['Effect', effect],
    ['Runs after', linked(pass.after)],
    ['Runs before', linked(pass.before)],
    ['Not together with', linked(pass.conflictsWith)],
    ['Establishes', plain(pass.establishes)],
    ['Keeps', plain(pass.preserves)],
    ['Breaks', plain(pass.breaks)],
  ].filter(([, value]) => value !== '');
  return `<div class="facts">\n\n${table(['', ''], rows as string[][])}\n\n</div>`;
}

/** The page a pass is told of: its own plugin's, or a section of another's. */
function passLink(id: string): string {
  const home = { 'prune-channels': 'prune#prune-channels', 'remove-dead-units': 'prune#remove-dead-units' }[
    id
  ];
  return `/plugins/${home ?? id}`;
}

/** The options with their kinds and defaults; those in a group behind it. */
function optionsOf({ options }: PassPlugin): string {
  const rows = optionEntries(options).map(([name, { kind, default: value, about }]) => [
    `\`${name}\``,
    `${escapeText(about)} <span class="kind">${escapeText(kind)}</span>`,
    // Those of a group stand with its members.
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? ''
      : `\`${JSON.stringify(value)}\``,
  ]);
  return `<div class="options">\n\n${table(['option', 'what it does', 'default'], rows)}\n\n</div>`;
}

function overview(plugins: readonly PublicPackage[]): GeneratedPage {
  const passes = passPlugins.map(({ id, about }) => [`[${id}](${passLink(id)})`, escapeText(about)]);
  const others = plugins
    .filter(({ page: name }) => passPlugins.every(({ id }) => id !== name))
    .map(({ page: name, description }) => [`[${name}](/plugins/${name})`, escapeText(description)]);
  return page(
    'plugins/index.md',
    { title: 'Plugins', description: 'Every pass of Espalier, in the order a pipeline usually has them.' },
    `# Plugins

A plugin brings one compression idea. These are the passes that come with \`espalier\`, in the order in which a pipeline usually has
them. A pass says what must run before it, and what later passes must not undo; the pass manager holds them to it.

${table(['pass', 'what it does'], passes)}

## Formats

${table(['plugin', 'what it brings'], others)}

\`npx espalier plugins\` prints the same list, with the options of each pass.
`,
  );
}
