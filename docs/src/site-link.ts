import { posix } from 'node:path';

/** Folders and files outside `docs` that have a page on the site. */
const pages: readonly (readonly [RegExp, string])[] = [
  [/^$/, '/'],
  [/^README\.md$/, '/'],
  [/^CONTRIBUTING\.md$/, '/contributing'],
  [/^plugins\/([^/]+)(?:\/README\.md)?$/, '/plugins/$1'],
  [/^packages\/([^/]+)(?:\/README\.md)?$/, '/packages/$1'],
  [/^apps\/cli(?:\/README\.md)?$/, '/packages/espalier'],
  [/^apps\/playground(?:\/README\.md)?$/, '/playground/'],
  [/^apps\/(bench|create-plugin|reproduce)(?:\/README\.md)?$/, '/packages/$1'],
  [/^docs\/(.*?)(?:index)?\.md$/, '/$1'],
  [/^docs\/(decisions|results|plugins|packages)$/, '/$1/'],
];

/** Whether a link leads out of the repository, or stays on its own page. */
export function leadsElsewhere(href: string): boolean {
  return /^[a-z][a-z0-9+.-]*:/i.test(href) || href.startsWith('#') || href.startsWith('/');
}

/**
 * Where a relative link of a file of the repository leads on the site; null where the site has no page of it, as for
 * sources.
 *
 * @param from - the file with the link, from the repository's root: `plugins/prune/README.md`
 */
export function siteLink(from: string, href: string): string | null {
  const [path = '', anchor] = href.split('#', 2);
  const target = posix.normalize(posix.join(posix.dirname(from), decodeURI(path))).replace(/\/$/, '');
  for (const [pattern, page] of pages) {
    if (pattern.test(target))
      return target.replace(pattern, page) + (anchor === undefined ? '' : `#${anchor}`);
  }
  return null;
}
