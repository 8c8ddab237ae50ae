import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join, posix } from 'node:path';
import { promisify } from 'node:util';
import { docs } from '../../src/repository.js';
import { workFolder } from '../samples/check-types.js';

/** Where tests build the site. */
export const siteFolder: string = join(workFolder, 'site');

/** Builds the site as `npm run docs:build` does, but plain: see the settings. */
export async function buildSite(): Promise<void> {
  rmSync(siteFolder, { recursive: true, force: true });
  const vitepress = join(docs, 'node_modules/vitepress/bin/vitepress.js');
  // Under vitest NODE_ENV is "test", which would make a site for development.
  const env = { ...process.env, NODE_ENV: 'production', ESPALIER_SITE: 'plain' };
  await promisify(execFile)(process.execPath, [vitepress, 'build', '--outDir', siteFolder], {
    cwd: docs,
    env,
  });
}

/** A page of the built site. */
export interface Page {
  /** From the site's root: `plugins/prune.html`. */
  readonly path: string;
  readonly ids: ReadonlySet<string>;
  readonly links: readonly string[];
}

export function readPages(): ReadonlyMap<string, Page> {
  const paths = readdirSync(siteFolder, { recursive: true, encoding: 'utf8' })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => path.endsWith('.html') && !path.startsWith('playground/'));
  return new Map(paths.map((path) => [path, readPage(path)]));
}

function readPage(path: string): Page {
  const html = readFileSync(join(siteFolder, path), 'utf8');
  const values = (attribute: string): string[] =>
    [...html.matchAll(new RegExp(`\\s${attribute}="([^"]*)"`, 'g'))].map(([, value = '']) =>
      value.replaceAll('&amp;', '&'),
    );
  return { path, ids: new Set(values('id')), links: [...values('href'), ...values('src')] };
}

/** What is wrong with a link of a page; null where it leads to a file of the site, with the anchor it names. */
export function faultOf(page: Page, link: string, pages: ReadonlyMap<string, Page>): string | null {
  if (/^(?:https?|mailto|data):/.test(link)) return null;
  const [path = '', anchor] = decodeURI(link).split('#', 2);
  const joined = path.startsWith('/') ? path.slice(1) : posix.join(posix.dirname(page.path), path);
  const target =
    path === '' ? page.path : joined === '' || joined.endsWith('/') ? `${joined}index.html` : joined;
  if (!existsSync(join(siteFolder, target))) return `${link}: no ${target}`;
  if (anchor === undefined || anchor === '' || !pages.has(target) || pages.get(target)?.ids.has(anchor))
    return null;
  return `${link}: no #${anchor} in ${target}`;
}
