import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { publicPackages } from '../src/repository.js';
import { buildSite, faultOf, readPages, siteFolder } from './site/built-site.js';

beforeAll(buildSite, 300_000);

test('every link and picture of every page leads to a file, and to a heading that is there', () => {
  const pages = readPages();
  expect(pages.size).toBeGreaterThan(100);
  const faults = [...pages.values()].flatMap((page) =>
    [...new Set(page.links)].flatMap((link) => {
      const fault = faultOf(page, link, pages);
      return fault === null ? [] : [`${page.path}: ${fault}`];
    }),
  );
  expect(faults).toEqual([]);
});

test('a dead link and a dead anchor are found', () => {
  const pages = readPages();
  const home = pages.get('index.html');
  expect(home && faultOf(home, '/nowhere.html', pages)).toMatch('no nowhere.html');
  expect(home && faultOf(home, '/cli.html#nothing', pages)).toMatch('no #nothing in cli.html');
});

test.each(publicPackages())('$name has a page, and one of what it exports', ({ folder, page }) => {
  const group = folder.startsWith('plugins/') ? 'plugins' : 'packages';
  expect(existsSync(join(siteFolder, group, `${page}.html`))).toBe(true);
  expect(existsSync(join(siteFolder, 'reference', `${page}.html`))).toBe(true);
});

test('the playground is part of it', () => {
  expect(existsSync(join(siteFolder, 'playground/index.html'))).toBe(true);
});
