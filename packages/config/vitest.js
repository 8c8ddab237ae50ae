import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { root, workspacePackages } from './bin/workspace.js';

const here = (name) => fileURLToPath(new URL(name, import.meta.url));

/**
 * The vitest settings of every package. Workspace packages resolve to their sources through the
 * condition `@espalier/source`, so a test never runs a stale build.
 */
export function vitestPreset(overrides = {}) {
  const folder = process.cwd();
  return defineConfig({
    // The same for all packages: then a module of core is transformed once for the tests of all that import it.
    root,
    cacheDir: path.join(folder, 'node_modules/.vite'),
    resolve: { conditions: ['@espalier/source'] },
    ssr: { resolve: { conditions: ['@espalier/source'] } },
    test: {
      dir: folder,
      env: { ESPALIER_PACKAGE: folder },
      experimental: { fsModuleCache: true, fsModuleCachePath: transformedModules() },
      setupFiles: [here('./in-package.js'), here('./fast-check.js')],
      include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
      reporters: ['default', ['json', { outputFile: path.join(folder, 'test-report.json') }]],
      // The files of a package share a process, and with it the modules and binaries that are loaded: each file in a fresh
      // one takes half a second more. Modules keep nothing from one use to the next but what would be computed again,
      // and the operators that runtime loads on demand: it and train have files in processes of their own.
      isolate: false,
      restoreMocks: true,
      unstubGlobals: true,
      // For what hangs: how long a test takes is the machine's business.
      testTimeout: 300_000,
      hookTimeout: 300_000,
      expect: { poll: { timeout: 120_000 } },
      passWithNoTests: true,
      ...overrides,
    },
  });
}

/**
 * Where transformed modules are kept, by what is in them: a third of the time that small packages took. What imports lead to
 * depends on manifests and on what is installed, so other ones have another place.
 */
function transformedModules() {
  const manifests = workspacePackages().map(({ folder }) => path.join(root, folder, 'package.json'));
  const hash = createHash('sha256');
  for (const file of [path.join(root, 'node_modules/.pnpm/lock.yaml'), ...manifests]) {
    hash.update(fs.readFileSync(file)).update('\0');
  }
  const cache = path.join(root, 'node_modules/.cache/transformed');
  const place = path.join(cache, hash.digest('hex').slice(0, 16));
  if (!fs.existsSync(place)) {
    fs.mkdirSync(place, { recursive: true });
    for (const old of byAge(cache).slice(3)) fs.rmSync(old, { recursive: true, force: true });
  }
  return place;
}

/** What is in a folder, the newest first. */
function byAge(folder) {
  const entries = fs.readdirSync(folder).map((name) => path.join(folder, name));
  const age = (entry) => fs.statSync(entry, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  return entries.sort((a, b) => age(b) - age(a));
}
