import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FileError, FormatError, PassError } from '@espalier/core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { formatBytes, formatDecibels, formatShort, formatTime } from './format.js';
import { errorJson, formatError } from './print-error.js';
import { progressFor } from './progress.js';
import { removeUnfinished, StagedFiles } from './staged-files.js';
import { formatTable } from './table.js';

describe('formatError', () => {
  test('spells out control characters and shortens what is endless', () => {
    const dims = new Array(100_000).fill(1).join(', ');
    const error = new FormatError({ what: `The name "\x1b[2J" has shape [${dims}].`, fix: 'Do.' });
    const text = formatError(error, { debug: false });
    expect(text).toMatch(/^error: The name "\\x1b\[2J" has shape \[1, 1.*\.\.\..*1, 1\]\.\n {2}fix: Do\.\n$/);
    expect(text.length).toBeLessThan(600);
  });
});

describe('StagedFiles', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'espalier-out-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  test('a file appears whole at commit, and nothing else is left', async () => {
    const files = new StagedFiles({ force: false });
    const path = join(folder, 'out.espalier');
    await files.stage(path, Uint8Array.of(1, 2, 3));
    expect(existsSync(path)).toBe(false);
    expect(await files.sizeBytes(path)).toBe(3);
    await files.commit();
    expect(readdirSync(folder)).toEqual(['out.espalier']);
    expect([...readFileSync(path)]).toEqual([1, 2, 3]);
  });

  test('discard leaves the folder as it was', async () => {
    const files = new StagedFiles({ force: true });
    await writeFile(join(folder, 'out.html'), 'old');
    await files.stage(join(folder, 'out.html'), 'new');
    await files.discard();
    expect(readdirSync(folder)).toEqual(['out.html']);
    expect(readFileSync(join(folder, 'out.html'), 'utf8')).toBe('old');
  });

  test('an existing file is refused without force, and kept until commit with it', async () => {
    const path = join(folder, 'out');
    await writeFile(path, 'old');
    await expect(new StagedFiles({ force: false }).check(path)).rejects.toThrow(
      /exists already[\s\S]*--force/,
    );
    const files = new StagedFiles({ force: true });
    await files.stage(path, 'new');
    expect(readFileSync(path, 'utf8')).toBe('old');
    await files.commit();
    expect(readFileSync(path, 'utf8')).toBe('new');
  });

  test('a file that came into being meanwhile is not replaced', async () => {
    const path = join(folder, 'out');
    const files = new StagedFiles({ force: false });
    await files.stage(path, 'ours');
    await writeFile(path, 'theirs');
    await expect(files.commit()).rejects.toThrow(/exists already/);
    await files.discard();
    expect(readdirSync(folder)).toEqual(['out']);
    expect(readFileSync(path, 'utf8')).toBe('theirs');
  });

  test('a link keeps pointing at the file it names', async () => {
    await mkdir(join(folder, 'real'));
    await writeFile(join(folder, 'real', 'model'), 'old');
    await symlink(join(folder, 'real', 'model'), join(folder, 'link'));
    const files = new StagedFiles({ force: true });
    await files.stage(join(folder, 'link'), 'new');
    await files.commit();
    expect(readFileSync(join(folder, 'real', 'model'), 'utf8')).toBe('new');
    expect(readdirSync(join(folder, 'real'))).toEqual(['model']);
  });

  test.each([
    ['a missing folder', 'gone/out', /folder ".*gone" of ".*out" does not exist/],
    ['a folder', '.', /is not a file/],
  ])('%s is refused', async (_, path, message) => {
    const promise = new StagedFiles({ force: true }).check(join(folder, path));
    await expect(promise).rejects.toThrow(FileError);
    await expect(promise).rejects.toThrow(message);
  });

  // Root may write everywhere.
  if (process.getuid?.() !== 0) {
    test('a read-only folder is refused', async () => {
      await chmod(folder, 0o500);
      await expect(new StagedFiles({ force: true }).check(join(folder, 'out'))).rejects.toThrow(
        /may not be written/,
      );
    });
  }

  test('a full disk is one clear error, and what was half written goes', async () => {
    await writeFile(join(folder, 'out'), 'old');
    const files = new StagedFiles({
      force: true,
      async write(path) {
        await writeFile(path, 'hal');
        throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
      },
    });
    const promise = files.stage(join(folder, 'out'), 'half');
    await expect(promise).rejects.toThrow(FileError);
    await expect(promise).rejects.toThrow(
      /no room to write ".*out"; nothing was changed[\s\S]*Free some disk space/,
    );
    expect(readdirSync(folder)).toEqual(['out']);
    expect(readFileSync(join(folder, 'out'), 'utf8')).toBe('old');
  });

  test('a dying process takes its temporary files with it', async () => {
    const files = new StagedFiles({ force: true });
    await files.stage(join(folder, 'out'), 'x');
    removeUnfinished();
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe('formatError', () => {
  const error = new FormatError({ what: 'The file is cut.', where: 'byte 7', fix: 'Get it again.' });

  test('says what and where in one line, the remedy in the next', () => {
    expect(formatError(error, { debug: false })).toBe(
      'error: The file is cut. (byte 7)\n  fix: Get it again.\n',
    );
  });

  test('a failed pass is told with its reason', () => {
    const pass = new PassError({ what: 'Pass "prune" failed.', where: 'step 2', cause: error });
    expect(formatError(pass, { debug: false })).toBe(
      'error: Pass "prune" failed: The file is cut. (byte 7; step 2)\n  fix: Get it again.\n',
    );
  });

  test('shows the stack only with debug', () => {
    const bug = new TypeError('x is undefined');
    expect(formatError(bug, { debug: false })).toBe(
      'error: Something broke inside Espalier: x is undefined\n  fix: Run it again with --debug and report what that prints.\n',
    );
    expect(formatError(bug, { debug: true })).toMatch(/output\.test\.ts:\d+/);
  });

  test('a failed allocation is told as one', () => {
    let failure: unknown;
    try {
      new ArrayBuffer(2 ** 52);
    } catch (caught) {
      failure = caught;
    }
    expect(formatError(failure, { debug: false })).toMatch(/not enough memory/);
  });

  test('has a form for programs', () => {
    expect(errorJson(error)).toEqual({
      error: { code: 'FORMAT', what: 'The file is cut.', where: 'byte 7', fix: 'Get it again.' },
    });
  });
});

describe('formatTable', () => {
  const columns = [
    { title: 'layer', flexible: true },
    { title: 'bytes', align: 'right' as const },
  ];

  test('aligns its columns', () => {
    expect(
      formatTable(columns, [
        ['conv1', '432'],
        ['fc', '12,288'],
      ]),
    ).toBe('layer   bytes\n-----  ------\nconv1     432\nfc     12,288\n');
  });

  test('cuts flexible columns in the middle to fit the terminal', () => {
    const rows = [['layer3.0.conv1.weight', '1']];
    const text = formatTable(columns, rows, 22);
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBe(22);
    expect(text).toContain('layer3.….weight');
  });
});

test.each([
  [formatBytes(999), '999 B'],
  [formatBytes(27_400), '27.4 kB'],
  [formatBytes(999_900), '1.00 MB'],
  [formatShort(0), '0'],
  [formatShort(40_810_000), '40.8 M'],
  [formatTime(1.234), '1.23 ms'],
  [formatTime(61_000), '61.0 s'],
  [formatTime(125_000), '2 min 5 s'],
  [formatDecibels(Infinity), 'exact'],
  [formatDecibels(undefined), '-'],
])('%s is printed as %s', (got, wanted) => {
  expect(got).toBe(wanted);
});

test('where there is no terminal, progress is a line a step', () => {
  let text = '';
  const progress = progressFor({ stderr: { write: (line) => (text += line) } }, { quiet: false });
  progress.step('prune');
  progress.update(1, 2);
  progress.note('labels are missing');
  progress.stop();
  expect(text).toBe('prune ...\nnote: labels are missing\n');
});
