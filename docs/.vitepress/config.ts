import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type DefaultTheme, defineConfig } from 'vitepress';
import { generate } from '../src/generate/generate.js';
import type { GeneratedPage } from '../src/generate/page.js';
import { fileNames } from '../src/markdown-file-names.js';
import { repositoryLinks } from '../src/markdown-links.js';
import { playground } from '../src/playground.js';
import { docs } from '../src/repository.js';

const generated = await generate();

/** The build that tests look at: no colours in code, no search and no minifying, which take most of the time. */
const plain = process.env['ESPALIER_SITE'] === 'plain';

function plainCode(code: string): string {
  return `<pre v-pre tabindex="0"><code>${code.replaceAll('&', '&amp;').replaceAll('<', '&lt;')}</code></pre>`;
}

/** Guides in the order in which one reads them; what is not written yet has no entry. */
const guides = [
  'first-pipeline',
  'playground',
  'compress-for-the-web',
  'keep-accuracy',
  'debug-a-layer',
  'onnx-runtime',
  'tensorflow-lite',
  'write-a-pass',
  'publish-a-plugin',
];

// The default export is how vitepress reads its settings.
export default defineConfig({
  title: 'Espalier',
  description: 'Makes trained neural networks small, and runs them in Node and in the browser.',
  lang: 'en',
  base: process.env['DOCS_BASE'] ?? '/',
  head: [
    ['link', { rel: 'icon', type: 'image/svg+xml', href: `${process.env['DOCS_BASE'] ?? '/'}logo.svg` }],
    ['meta', { name: 'theme-color', content: '#2f5d43' }],
  ],
  srcExclude: ['README.md', '.samples/**', 'test/**', 'src/**'],
  rewrites: { 'generated/:rest*': ':rest*' },
  lastUpdated: false,
  markdown: {
    theme: { light: 'github-light-high-contrast', dark: 'github-dark-high-contrast' },
    config(markdown) {
      repositoryLinks(markdown);
      fileNames(markdown);
    },
    ...(plain && { highlight: plainCode }),
  },
  ignoreDeadLinks: [/^\/playground\//], // built by its own package; the test of the site looks for it
  vite: {
    plugins: [playground.serve()],
    assetsInclude: ['**/*.onnx'],
    ...(plain && { build: { minify: false } }),
  },
  buildEnd: ({ outDir }) => playground.copyTo(join(outDir, 'playground')),
  themeConfig: {
    logo: '/logo.svg',
    ...(!plain && { search: { provider: 'local' } }),
    outline: { level: [2, 3] },
    externalLinkIcon: true,
    nav: [
      { text: 'Guide', link: '/guide/first-pipeline', activeMatch: '^/guide/' },
      { text: 'Playground', link: '/playground/', target: '_self' },
      { text: 'Plugins', link: '/plugins/', activeMatch: '^/plugins/' },
      { text: 'Reference', link: '/cli', activeMatch: '^/(cli|recipes|format|packages|reference|api)' },
      { text: 'Results', link: '/results/', activeMatch: '^/results/' },
    ],
    sidebar: [
      { text: 'Guide', items: guides.flatMap((name) => pageIn('guide', name)) },
      { text: 'Plugins', link: '/plugins/', collapsed: true, items: generatedIn('plugins') },
      {
        text: 'Reference',
        items: [
          { text: 'The command', link: '/cli' },
          { text: 'Recipes', link: '/recipes' },
          { text: 'The .espalier file', link: '/format' },
        ],
      },
      { text: 'Packages', link: '/packages/', collapsed: true, items: generatedIn('packages') },
      { text: 'Exports', link: '/packages/', collapsed: true, items: generatedIn('reference') },
      { text: 'Results', link: '/results/', collapsed: true, items: folder('results') },
      { text: 'Decisions', link: '/decisions/', collapsed: true, items: folder('decisions') },
      { text: 'Contributing', link: '/contributing' },
    ],
    footer: {
      message: 'MIT licence. Every figure on these pages was printed by a command that stands beside it.',
    },
  },
});

/** The entry of a committed page, by its heading. */
function pageIn(group: string, name: string): DefaultTheme.SidebarItem[] {
  const file = join(docs, group, `${name}.md`);
  if (!existsSync(file)) return [];
  const title = /^# (.*)$/m.exec(readFileSync(file, 'utf8'))?.[1] ?? name;
  return [{ text: title.replace(/`/g, ''), link: `/${group}/${name}` }];
}

/** All committed pages of a folder, by name. */
function folder(group: string): DefaultTheme.SidebarItem[] {
  return readdirSync(join(docs, group))
    .filter((file) => file.endsWith('.md') && file !== 'index.md')
    .sort()
    .flatMap((file) => pageIn(group, file.slice(0, -'.md'.length)));
}

/** All generated pages of a folder but its overview, by title. */
function generatedIn(group: string): DefaultTheme.SidebarItem[] {
  return generated
    .filter(({ path }) => path.startsWith(`${group}/`) && !path.endsWith('/index.md'))
    .map(({ path, text }: GeneratedPage) => ({
      text: String(JSON.parse(/^title: (.*)$/m.exec(text)?.[1] ?? '""')),
      link: `/${path.slice(0, -'.md'.length)}`,
    }));
}
