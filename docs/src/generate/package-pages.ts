import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type PublicPackage, readText, root } from '../repository.js';
import { escapeText, type GeneratedPage, page, table } from './page.js';

/** Parts of the workspace that have a README worth a page, but nothing to install. */
const tools = ['bench', 'create-plugin', 'reproduce'];

/** The README of every package that is no plugin, as a page, and a page that lists them. */
export function packagePages(packages: readonly PublicPackage[]): readonly GeneratedPage[] {
  const listed = packages.filter(({ folder }) => !folder.startsWith('plugins/'));
  const named = new Set(listed.map(({ folder }) => folder));
  const rest = tools
    .map((name) => `apps/${name}`)
    .filter((folder) => !named.has(folder) && existsSync(join(root, folder, 'README.md')));
  return [
    overview(listed),
    ...listed.map(({ folder, page: name, description }) => readmePage(folder, name, description)),
    ...rest.map((folder) => readmePage(folder, folder.slice(folder.indexOf('/') + 1), '')),
    contributing(),
  ];
}

function readmePage(folder: string, name: string, description: string): GeneratedPage {
  const source = `${folder}/README.md`;
  const text = readText(source);
  const title = /^# (.*)/.exec(text)?.[1] ?? name;
  const exported = description === '' ? '' : `\n\n[All that it exports](/reference/${name}), in one page.`;
  return page(`packages/${name}.md`, { title, description, source }, `${text.trim()}${exported}`);
}

function contributing(): GeneratedPage {
  const source = 'CONTRIBUTING.md';
  return page('contributing.md', { title: 'Contributing', source }, readText(source));
}

function overview(packages: readonly PublicPackage[]): GeneratedPage {
  const rows = packages.map(({ name, page: file, description }) => [
    `[\`${name}\`](/packages/${file})`,
    escapeText(description),
    `[exports](/reference/${file})`,
  ]);
  return page(
    'packages/index.md',
    { title: 'Packages', description: 'The packages Espalier is made of.' },
    `# Packages

\`espalier\` is the command and one import for everything. Behind it stand small packages that can be used alone: a page that
only runs models needs three of them. All are ES modules for Node 20.19 or newer and for browsers.

${table(['package', 'what it is', ''], rows)}

The [plugins](/plugins/) hold one compression idea each.
`,
  );
}
