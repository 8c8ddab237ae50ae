import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/**
 * The vitest settings of every package. Workspace packages resolve to their sources through the
 * condition `@espalier/source`, so a test never runs a stale build.
 */
export function vitestPreset(overrides = {}) {
  return defineConfig({
    resolve: { conditions: ['@espalier/source'] },
    ssr: { resolve: { conditions: ['@espalier/source'] } },
    test: {
      setupFiles: [fileURLToPath(new URL('./fast-check.js', import.meta.url))],
      include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
      reporters: ['default', ['json', { outputFile: 'test-report.json' }]],
      // The files of a package share a process, and with it the modules and binaries that are loaded: each file in a fresh
      // one takes half a second more. Modules keep nothing from one use to the next but what would be computed again,
      // and the operators that runtime loads on demand: it and train have files in processes of their own.
      isolate: false,
      restoreMocks: true,
      unstubGlobals: true,
      // For what hangs: how long a test takes is the machine's business.
      testTimeout: 300_000,
      hookTimeout: 300_000,
      passWithNoTests: true,
      ...overrides,
    },
  });
}
