import { spawnSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createPlugin, isKind, kinds } from '../src/index.js';

const home = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'espalier-created-'));
const update = process.env['ESPALIER_UPDATE'] === '1';

/** Not that of the templates, so that a name which stayed is found. */
const nameOf = (kind: string): string => (update ? 'my-idea' : `another-${kind}-2`);
const packageOf = (kind: string): string => join(folder, kind, nameOf(kind));
const all = Object.keys(kinds).filter(isKind);

beforeAll(() => {
  // What npm install would put there, from the workspace.
  symlinkSync(join(home, 'node_modules'), join(folder, 'node_modules'), 'dir');
  for (const kind of all) {
    mkdirSync(join(folder, kind));
    createPlugin(nameOf(kind), kind, join(folder, kind));
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs a tool of the workspace. Throws with what it said where it fails. */
function runTool(cwd: string, tool: string, ...args: string[]): void {
  const outer = Object.entries(process.env).filter(([name]) => !/^(vitest|node_env$|test$)/i.test(name));
  const path = tool === 'node' ? process.execPath : join(home, 'node_modules/.bin', tool);
  const { status, stdout, stderr } = spawnSync(path, args, {
    cwd,
    env: Object.fromEntries(outer),
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`${tool} ${args.join(' ')} failed:\n${stdout}\n${stderr}`);
}

describe.each(all)('a new %s', (kind) => {
  test('lints', () => {
    runTool(packageOf(kind), 'biome', 'lint', '--error-on-warnings', '.');
    runTool(packageOf(kind), 'tsc', '-p', 'tsconfig.json');
  });

  test('builds, and measures what its README says', () => {
    runTool(packageOf(kind), 'tsc', '-p', 'tsconfig.build.json');
    const readme = join(packageOf(kind), 'README.md');
    const said = readFileSync(readme, 'utf8');
    runTool(packageOf(kind), 'node', 'measure.js');
    if (update) cpSync(readme, join(home, 'templates', kind, 'README.md'));
    else expect(readFileSync(readme, 'utf8'), 'ESPALIER_UPDATE=1 rewrites the template').toBe(said);
  });

  test.skipIf(update)('has no name left from its template', () => {
    const left = /my[- _]?idea/i;
    for (const entry of readdirSync(packageOf(kind), { recursive: true, withFileTypes: true })) {
      const path = join(entry.parentPath, entry.name);
      expect(path.slice(folder.length)).not.toMatch(left);
      if (entry.isFile()) expect(readFileSync(path, 'utf8'), path).not.toMatch(left);
    }
  });
});

test.skipIf(update)('the tests of all new packages pass', () => {
  const projects = all.map((kind) => `${kind}/${nameOf(kind)}`);
  writeFileSync(
    join(folder, 'vitest.config.mjs'),
    `export default { test: { projects: ${JSON.stringify(projects)} } };\n`,
  );
  runTool(folder, 'vitest', 'run');
});
