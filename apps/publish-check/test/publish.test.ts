import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { noBrowserReason, openBrowser } from '@espalier/config/browser';
import { root, workspacePackages } from '@espalier/config/workspace';
import { build, preview } from 'vite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { blocksOf, Reader } from '../src/guide.js';
import { npmEnvironment } from '../src/npm-environment.js';
import { packFaults } from '../src/pack-faults.js';
import { type Registry, startRegistry } from '../src/registry.js';
import { type Published, publishedTarball, release } from '../src/release.js';
import { mustRun } from '../src/run.js';

const folder = mkdtempSync(join(tmpdir(), 'espalier-publish-'));
const [authors, project] = ['authors', 'project'].map((name) => join(folder, name)) as [string, string];
const publicNames = workspacePackages().flatMap(({ manifest }) => (manifest.private ? [] : [manifest.name]));
const guide = (name: string) => blocksOf(readFileSync(join(root, 'docs/guide', name), 'utf8'));

let registry: Registry;
let env: NodeJS.ProcessEnv;
let published: readonly Published[];
/** Who writes a plugin; stands in its folder from the first block of the guide on. */
let author: Reader;

beforeAll(async () => {
  registry = await startRegistry(folder, root);
  env = npmEnvironment(folder, registry.url);
  published = await release(folder, env);
  mkdirSync(authors);
  author = new Reader(authors, env);
}, 600_000);

afterAll(async () => {
  await registry?.close();
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
});

test('this package lists all that is public, so that it is built before', () => {
  const { devDependencies } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  expect(Object.keys(devDependencies)).toEqual(expect.arrayContaining(publicNames));
});

describe('what changesets published', () => {
  test('is every public package, all in one version', () => {
    expect(published.map(({ name }) => name).sort()).toEqual(publicNames.sort());
    expect(new Set(published.map(({ version }) => version)).size).toBe(1);
  });

  test.each(publicNames)('%s is without fault', async (name) => {
    const { tarball } = published.find((one) => one.name === name) ?? { tarball: '' };
    expect(await packFaults(tarball)).toEqual([]);
  });
});

describe('the guide "write a pass"', () => {
  const [start, ...further] = guide('write-a-pass.md');

  test('leads to a plugin whose tests pass without touching a file', { timeout: 600_000 }, async () => {
    const printed = await author.follow(start === undefined ? [] : [start]);
    expect(printed).toMatch(/Tests +\d+ passed/);
  });

  test('and to a second pass in it', { timeout: 600_000 }, async () => {
    const printed = await author.follow(further);
    expect(printed).toMatch(/powers-of-two\.test\.ts[\s\S]*Tests +\d+ passed/);
  });
});

describe('the guide "publish a plugin"', () => {
  const [publishing, ...using] = guide('publish-a-plugin.md');

  test('leads to a package without fault', { timeout: 600_000 }, async () => {
    await author.follow(publishing === undefined ? [] : [publishing]);
    expect(await packFaults(publishedTarball(folder, 'espalier-plugin-tiny-weights', '0.1.0'))).toEqual([]);
  });

  test('and to a project that uses it, and one with an encoding', { timeout: 600_000 }, async () => {
    await publishEncoding();
    cpSync(new URL('../project/', import.meta.url), project, { recursive: true });
    const user = new Reader(project, env);
    const [install, ...rest] = using;
    await user.follow(install === undefined ? [] : [install]);
    await mustRun('node', ['make-model.js'], { cwd: project, env });
    const printed = await user.follow(rest);
    expect(printed).toMatch(/threshold/);
    expect(printed).toMatch(/indices: runs/);
  });

  test('nothing that it installed wants to run a script', () => {
    for (const home of [project, author.cwd]) {
      const installed = lockedPackages(home);
      expect(installed.filter(([, { hasInstallScript }]) => hasInstallScript)).toEqual([]);
      expect(installed.length).toBeGreaterThan(20);
    }
  });

  test('all plugins share one core', () => {
    const cores = lockedPackages(project).filter(([name]) => name.endsWith('/@espalier/core'));
    expect(cores.map(([name]) => name)).toEqual(['node_modules/@espalier/core']);
  });

  test.skipIf(noBrowserReason() !== null)(
    'the file runs in a page that Vite bundled',
    { timeout: 600_000 },
    async () => {
      await build({ root: project, configFile: false, logLevel: 'error', build: { target: 'es2022' } });
      const outputs = await outputsOfPage();
      expect(outputs).toEqual(JSON.parse(await mustRun('node', ['in-node.js'], { cwd: project, env })));
      expect(outputs).toHaveLength(10);
    },
  );
});

/** `espalier-plugin-runs`, as somebody else made it; with the tools that are installed already. */
async function publishEncoding(): Promise<void> {
  const other = new Reader(authors, env);
  await other.follow([
    { kind: 'commands', text: 'npm create espalier-plugin runs -- --kind encoding\ncd runs' },
  ]);
  symlinkSync(join(author.cwd, 'node_modules'), join(other.cwd, 'node_modules'), 'dir');
  await other.follow([{ kind: 'commands', text: 'npm run build\nnpm publish' }]);
}

/** What npm installed, by its lock file. */
function lockedPackages(
  home: string,
): readonly (readonly [string, { readonly hasInstallScript?: boolean }])[] {
  return Object.entries(JSON.parse(readFileSync(join(home, 'package-lock.json'), 'utf8')).packages);
}

async function outputsOfPage(): Promise<unknown> {
  const server = await preview({ root: project, configFile: false, preview: { port: 0, host: '127.0.0.1' } });
  const browser = await openBrowser();
  try {
    const tab = await browser.context.newPage();
    const failed = new Promise<never>((_, reject) => tab.on('pageerror', reject));
    await tab.goto(server.resolvedUrls?.local[0] ?? '');
    await Promise.race([tab.waitForFunction(() => 'outputs' in globalThis), failed]);
    return await tab.evaluate(() => Reflect.get(globalThis, 'outputs'));
  } finally {
    await browser.close();
    await server.close();
  }
}
