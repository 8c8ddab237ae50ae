import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { writeModel } from '../src/library.js';
import { temporaryFolder } from './command-line.js';
import { tinyModel } from './tiny-model.js';

const cli = fileURLToPath(new URL('../dist/cli.js', import.meta.url));
const built = existsSync(cli);
if (!built) console.info('skipped: the command is not built');

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the built command; `onError` sees what it writes to stderr, as it comes. */
function start(
  argv: readonly string[],
  onError?: (kill: (signal: NodeJS.Signals) => void) => void,
): Promise<Ended> {
  const child = spawn(process.execPath, [cli, ...argv]);
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (text) => {
    stdout += text;
  });
  child.stderr.on('data', (text) => {
    stderr += text;
    onError?.((signal) => child.kill(signal));
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
}

describe.skipIf(!built)('the built command', () => {
  const at = temporaryFolder();

  test('prints one JSON value on stdout and nothing on stderr', async () => {
    await writeFile(at('model.onnx'), writeModel(tinyModel(), 'onnx'));
    const ended = await start(['inspect', at('model.onnx'), '--json']);
    expect(ended).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(ended.stdout)).toMatchObject({ format: 'onnx' });
  });

  test('ends with 1 and one error for bad input', async () => {
    const ended = await start(['inspect', at('gone.onnx')]);
    expect(ended).toMatchObject({ code: 1, stdout: '' });
    expect(ended.stderr).toMatch(/^error: .*gone\.onnx" does not exist\.\n {2}fix: Check the path\.\n$/);
  });

  test('Ctrl-C ends it with 130 and leaves nothing behind', async () => {
    await writeFile(at('model.onnx'), writeModel(tinyModel(), 'onnx'));
    await writeFile(at('recipe.json'), '{ "steps": ["prune", "share-weights", "huffman"] }');
    const before = readdirSync(at('.'));
    let sent = false;
    const ended = await start(
      ['compress', at('model.onnx'), '-o', at('out.espalier'), '-r', at('recipe.json')],
      (kill) => {
        if (!sent) kill('SIGINT');
        sent = true;
      },
    );
    expect(ended).toMatchObject({ code: 130, stdout: '' });
    expect(readdirSync(at('.'))).toEqual(before);
  });
});
