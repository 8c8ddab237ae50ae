import { existsSync, readdirSync, statSync } from 'node:fs';
import { join, posix } from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../src/repository.js';
import { leadsElsewhere } from '../src/site-link.js';
import { type MarkdownFile, readMarkdown } from './links/markdown-file.js';

/** Folders that hold no documents of ours. */
const skipped = new Set(['node_modules', 'dist', 'out', 'generated', 'fixtures', 'gen']);

function* markdownBelow(folder: string): Generator<string> {
  for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
    const path = posix.join(folder, entry.name);
    if (entry.isDirectory()) {
      if (!skipped.has(entry.name) && !entry.name.startsWith('.')) yield* markdownBelow(path);
    } else if (entry.name.endsWith('.md')) yield path;
  }
}

const files = new Map([...markdownBelow('.')].map((path) => [path, readMarkdown(path)]));

test('there are documents', () => {
  expect(files.size).toBeGreaterThan(60);
});

test.each([...files.values()].filter(({ links }) => links.length > 0))(
  'the links of $path lead somewhere',
  (file) => {
    expect(file.links.flatMap(({ href, line }) => faultOf(file, href, line))).toEqual([]);
  },
);

/** What is wrong with a link, by line; empty where it leads to a file, folder or heading, or out of the repository. */
function faultOf(file: MarkdownFile, href: string, line: number): readonly string[] {
  if (leadsElsewhere(href) && !href.startsWith('#')) return [];
  const [path = '', anchor] = decodeURI(href).split('#', 2);
  const target = path === '' ? file.path : posix.normalize(posix.join(posix.dirname(file.path), path));
  const found = existing(target);
  if (found === null) return [`line ${line}: no ${target}`];
  const anchors = files.get(found)?.anchors;
  if (anchor === undefined || anchors?.has(anchor)) return [];
  return [`line ${line}: no heading #${anchor} in ${found}`];
}

/** Files, folders and, for pages that only the site resolves, the same without `.md`. */
function existing(target: string): string | null {
  if (target.endsWith('.md') || !existsSync(join(root, `${target}.md`))) {
    if (!existsSync(join(root, target))) return null;
    const readme = posix.join(target, 'README.md');
    return statSync(join(root, target)).isDirectory() && files.has(readme)
      ? readme
      : target.replace(/\/$/, '');
  }
  return `${target}.md`;
}
