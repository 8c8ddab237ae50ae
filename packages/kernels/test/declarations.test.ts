import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const tsc = path.join(
  path.dirname(createRequire(import.meta.url).resolve('typescript/package.json')),
  'bin/tsc',
);

/** What the compiler says; empty where it is content. */
function compile(...args: readonly string[]): string {
  try {
    return execFileSync(process.execPath, [tsc, ...args], { cwd: root, encoding: 'utf8' });
  } catch (error) {
    return String((error as { stdout?: unknown }).stdout);
  }
}

test('the declarations compile in a project without the types of the DOM or of Node', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'espalier-declarations-'));
  try {
    const options = ['--emitDeclarationOnly', '--outDir', path.join(folder, 'dist')];
    expect(compile('-p', 'tsconfig.json', ...options)).toBe('');
    const project = path.join(folder, 'tsconfig.json');
    writeFileSync(path.join(folder, 'user.ts'), "export { loadKernels } from './dist/index.js';\n");
    const compilerOptions = { lib: ['es2023'], types: [], module: 'nodenext', strict: true, noEmit: true };
    writeFileSync(project, JSON.stringify({ compilerOptions, files: ['user.ts'] }));
    expect(compile('-p', project)).toBe('');
  } finally {
    rmSync(folder, { recursive: true });
  }
});
