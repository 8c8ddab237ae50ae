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
      testTimeout: 60_000,
      hookTimeout: 60_000,
      passWithNoTests: true,
      ...overrides,
    },
  });
}
