import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CALIBRATOR, coreEncodings, ENCODING, FORMAT, PASS_PLUGIN, resolveAll } from '@espalier/core';
import { createCompressor, presets } from '@espalier/presets';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { namesFor } from '../src/index.js';
import { main } from '../src/main.js';
import { takenIds } from '../src/taken-ids.js';

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'espalier-create-'));
});
afterEach(() => rmSync(cwd, { recursive: true, force: true }));

/** Runs the command where nobody can be asked. */
async function run(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const said = { stdout: '', stderr: '' };
  const code = await main(args, {
    cwd,
    interactive: false,
    stdout: { write: (text) => (said.stdout += text) },
    stderr: { write: (text) => (said.stderr += text) },
  });
  return { code, ...said };
}

describe('the command', () => {
  test('writes a package and says how to go on', async () => {
    const { code, stdout, stderr } = await run('my-idea', '--kind', 'pass');
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/espalier-plugin-my-idea is written[\s\S]*cd my-idea[\s\S]*npm test/);
    expect(readdirSync(join(cwd, 'my-idea')).sort()).toEqual(
      expect.arrayContaining([
        '.github',
        '.gitignore',
        'CHANGELOG.md',
        'LICENSE',
        'README.md',
        'package.json',
        'src',
        'test',
      ]),
    );
    const manifest = JSON.parse(readFileSync(join(cwd, 'my-idea/package.json'), 'utf8'));
    expect(manifest).toMatchObject({ name: 'espalier-plugin-my-idea', type: 'module', sideEffects: false });
    expect(manifest.keywords).toContain('espalier-plugin');
    expect(Object.keys(manifest.peerDependencies)).toEqual(['@espalier/core']);
  });

  test('takes an empty folder that is there, and a path to a new one', async () => {
    mkdirSync(join(cwd, 'my-idea'));
    expect((await run('my-idea', '-k', 'format')).code).toBe(0);
    expect((await run('deep/down/my-idea', '-k', 'format')).stdout).toMatch('cd deep/down/my-idea');
  });

  test('tells what there is', async () => {
    const { code, stdout } = await run('--help');
    expect(code).toBe(0);
    expect(stdout).toMatch(/pass[\s\S]*encoding[\s\S]*format[\s\S]*calibrator/);
    expect(readdirSync(cwd)).toEqual([]);
  });
});

describe('bad input is refused in two lines, and nothing is written', () => {
  test.each([
    {
      what: 'an unknown kind',
      args: ['my-idea', '--kind', 'passs'],
      says: /no kind "passs"[\s\S]*pass, encoding/,
    },
    { what: 'no kind', args: ['my-idea'], says: /nobody here to ask[\s\S]*--kind/ },
    { what: 'no name', args: ['--kind', 'pass'], says: /nobody here to ask/ },
    { what: 'two names', args: ['one', 'two', '--kind', 'pass'], says: /one, two/ },
    { what: 'an unknown flag', args: ['my-idea', '--colour'], says: /--colour[\s\S]*--help/ },
    {
      what: 'a name of capitals',
      args: ['MyIdea', '--kind', 'pass'],
      says: /"MyIdea" makes no package name/,
    },
    { what: 'a name of dots', args: ['..', '--kind', 'pass'], says: /makes no package name/ },
    { what: 'an empty name', args: ['', '--kind', 'pass'], says: /makes no package name/ },
    { what: 'a name that is taken', args: ['prune', '--kind', 'pass'], says: /"prune" of its own/ },
    { what: 'a name that ends in a hyphen', args: ['idea-', '-k', 'pass'], says: /makes no package name/ },
    { what: 'a name without end', args: ['a'.repeat(300), '-k', 'pass'], says: /60 characters/ },
  ])('$what', async ({ args, says }) => {
    const { code, stdout, stderr } = await run(...args);
    expect(stderr).toMatch(says);
    expect([code, stdout, stderr.trim().split('\n').length]).toEqual([1, '', 2]);
    expect(readdirSync(cwd)).toEqual([]);
  });

  test('a folder that holds something', async () => {
    mkdirSync(join(cwd, 'my-idea'));
    writeFileSync(join(cwd, 'my-idea/notes.txt'), 'mine');
    const { code, stderr } = await run('my-idea', '--kind', 'pass');
    expect(code).toBe(1);
    expect(stderr).toMatch(/no empty folder/);
    expect(readdirSync(cwd, { recursive: true }).sort()).toEqual(['my-idea', join('my-idea', 'notes.txt')]);
  });

  test('a file where the folder would be', async () => {
    writeFileSync(join(cwd, 'my-idea'), 'mine');
    expect((await run('my-idea', '--kind', 'pass')).stderr).toMatch(/no empty folder/);
    expect(readFileSync(join(cwd, 'my-idea'), 'utf8')).toBe('mine');
  });
});

describe('names', () => {
  test.each([
    { given: 'my-idea', folder: 'my-idea', packageName: 'espalier-plugin-my-idea' },
    {
      given: 'espalier-plugin-my-idea',
      folder: 'espalier-plugin-my-idea',
      packageName: 'espalier-plugin-my-idea',
    },
    { given: '@me/my-idea', folder: 'my-idea', packageName: '@me/espalier-plugin-my-idea' },
    { given: './plugins/my-idea/', folder: './plugins/my-idea', packageName: 'espalier-plugin-my-idea' },
  ])('of $given', ({ given, folder, packageName }) => {
    expect(namesFor(given)).toEqual({
      folder,
      packageName,
      id: 'my-idea',
      camel: 'myIdea',
      pascal: 'MyIdea',
      constant: 'MY_IDEA',
      words: 'my idea',
    });
  });

  test('that are taken are those of what comes with Espalier', () => {
    const { container } = createCompressor();
    const names = [
      ...presets.map(({ id }) => id),
      ...resolveAll(container, PASS_PLUGIN).map(({ id }) => id),
      ...[...coreEncodings, ...resolveAll(container, ENCODING)].map(({ kind }) => kind),
      ...resolveAll(container, FORMAT).map(({ name }) => name),
      ...resolveAll(container, CALIBRATOR).map(({ name }) => name),
    ];
    expect([...takenIds], 'src/taken-ids.ts lists them').toEqual([...new Set(names)].sort());
  });
});
