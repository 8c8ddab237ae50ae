import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { noBrowserReason } from '@espalier/config/browser';
import { beforeAll, describe, expect, test } from 'vitest';
import { publicPackages } from '../src/repository.js';
import { buildSite, faultOf, readPages, siteFolder } from './site/built-site.js';
import { lookAtPages, type View } from './site/look-at-pages.js';

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

const noBrowser = noBrowserReason();

describe.skipIf(noBrowser !== null)(`in a browser ${noBrowser ?? ''}`, () => {
  const views: readonly View[] = [
    { width: 390, scheme: 'light' },
    { width: 1280, scheme: 'dark' },
  ];

  test.each(views)('pages fit $width px, are accessible in $scheme, and ask nobody else', async (view) => {
    const looks = await lookAtPages(
      ['/', '/plugins/prune.html', '/guide/first-pipeline.html', '/cli.html'],
      view,
    );
    for (const [path, { overflow, faults, troubles }] of looks)
      expect({ path, overflow: Math.max(0, overflow), faults, troubles }).toEqual({
        path,
        overflow: 0,
        faults: [],
        troubles: [],
      });
  });
});
