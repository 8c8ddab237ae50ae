import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { docs, publicPackages } from '../repository.js';
import { apiReference } from './api-reference.js';
import { cliPage } from './cli-page.js';
import { type Figures, readFigures } from './figures.js';
import { listPages } from './list-pages.js';
import { maskPicture } from './mask-picture.js';
import { packagePages } from './package-pages.js';
import type { GeneratedPage } from './page.js';
import { pluginPages } from './plugin-pages.js';
import { recipesPage } from './recipes-page.js';

/** The picture of the first page, without its dots. */
export interface MaskFigure {
  readonly weights: number;
  readonly kept: number;
}

/** What the theme reads. */
export interface SiteFigures extends Figures {
  readonly mask: MaskFigure;
}

/** Everything of the site that code says better than a hand: pages, figures and the picture. */
export async function generatePages(): Promise<readonly GeneratedPage[]> {
  const packages = publicPackages();
  return [
    ...pluginPages(packages),
    ...packagePages(packages),
    ...listPages(),
    recipesPage(),
    await cliPage(),
    ...(await apiReference(packages)),
  ];
}

/**
 * Writes all that to docs/generated, which is not committed. A file that is right already is left alone, so that a running server does
 * not reload it.
 */
export async function generate(): Promise<readonly GeneratedPage[]> {
  const folder = join(docs, 'generated');
  const pages = await generatePages();
  const { svg, ...mask } = await maskPicture();
  const figures: SiteFigures = { ...readFigures(), mask };
  removeStale(folder, pages);
  for (const { path, text } of pages) write(join(folder, path), text);
  write(join(folder, 'mask.svg'), svg);
  write(join(folder, 'figures.json'), JSON.stringify(figures, null, 2));
  return pages;
}

/** Pages of a package or plugin that is gone. */
function removeStale(folder: string, pages: readonly GeneratedPage[]): void {
  if (!existsSync(folder)) return;
  const kept = new Set(pages.map(({ path }) => path));
  for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (file.endsWith('.md') && !kept.has(file.replaceAll('\\', '/'))) rmSync(join(folder, file));
  }
}

function write(file: string, text: string): void {
  if (existsSync(file) && readFileSync(file, 'utf8') === text) return;
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}
