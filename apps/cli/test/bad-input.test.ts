import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { Graph, Model, Tensor } from '@espalier/core';
import { beforeAll, describe, expect, test } from 'vitest';
import { encodeNpy } from '../src/data/npy.js';
import { writeModel } from '../src/library.js';
import { espalier, temporaryFolder } from './command-line.js';
import { tinyModel } from './tiny-model.js';

const at = temporaryFolder();

/** A model whose only node has this name, over inputs and outputs of these. */
function reluModel({ node = 'relu', input = 'x', dims = [4] as readonly (number | string)[] }): Model {
  const graph = new Graph('named');
  const x = graph.addInput(input, { dtype: 'float32', dims: ['N', ...dims] });
  graph.addOutput(graph.apply({ op: 'Relu', name: node, inputs: [x] }, 'y'));
  return new Model(graph);
}

beforeAll(async () => {
  const onnx = writeModel(tinyModel(), 'onnx');
  const own = writeModel(tinyModel(), 'espalier');
  const flipped = own.slice();
  flipped[Math.floor(own.length / 2)] = (flipped[Math.floor(own.length / 2)] ?? 0) ^ 16;
  await writeFile(at('model.onnx'), onnx);
  await writeFile(at('model.espalier'), own);
  await writeFile(at('empty.onnx'), '');
  await writeFile(at('cut.onnx'), onnx.slice(0, onnx.length - 100));
  await writeFile(at('cut.espalier'), own.slice(0, own.length - 100));
  await writeFile(at('flipped.espalier'), flipped);
  await writeFile(at('notes.txt'), 'This is no model.');
  await writeFile(at('broken.json'), '{ "steps": [');
  await writeFile(at('key.json'), '{ "stepz": ["prune"] }');
  await writeFile(at('pass.json'), '{ "steps": ["prun"] }');
  await writeFile(at('option.json'), '{ "steps": [{ "pass": "prune", "options": { "densitee": 0.5 } }] }');
  await writeFile(at('range.json'), '{ "steps": [{ "pass": "prune", "options": { "density": 7 } }] }');
  await writeFile(at('good.json'), '{ "steps": ["prune", "huffman"] }');
  await writeFile(at('wrong.npy'), encodeNpy(new Tensor('float32', new Float32Array(12), [1, 3, 2, 2])));
  await writeFile(at('right.npy'), encodeNpy(new Tensor('float32', new Float32Array(192), [1, 3, 8, 8])));
  await writeFile(at('two.txt'), '1\n2\n');
  await writeFile(at('there.espalier'), 'the old file');
  await writeFile(at('large.onnx'), writeModel(reluModel({ dims: [2 ** 40] }), 'onnx'));
  await writeFile(at('open.onnx'), writeModel(reluModel({ dims: ['H'] }), 'onnx'));
  execFileSync('mkfifo', [at('pipe.onnx'), at('pipe.npy'), at('pipe.json')]);
});

const compress = (...rest: string[]): string[] => [
  'compress',
  at('model.onnx'),
  '-o',
  at('out.espalier'),
  '-r',
  at('good.json'),
  ...rest,
];

const cases: readonly [what: string, argv: () => string[], said: RegExp][] = [
  ['a missing model', () => ['inspect', at('gone.onnx')], /gone\.onnx" does not exist/],
  ['a folder for a model', () => ['inspect', at('.')], /is a folder/],
  ['a pipe for a model', () => ['inspect', at('pipe.onnx')], /pipe\.onnx" is not a file/],
  ['a pipe for data', () => compress('--data', at('pipe.npy')), /pipe\.npy" is not a file/],
  ['a pipe for a recipe', () => compress('-r', at('pipe.json')), /pipe\.json" is not a file/],
  ['a device for a model', () => ['inspect', '/dev/zero'], /zero" is not a file/],
  [
    'one file for two outputs',
    () => compress('--report', at('./out.espalier')),
    /Two outputs are named ".*out\.espalier"/,
  ],
  [
    'a type that the output format has no room for',
    () => ['convert', at('large.onnx'), '-o', at('out.espalier')],
    /can't hold the type float32\[N, 1099511627776\].*out\.espalier/,
  ],
  ['an empty model', () => ['inspect', at('empty.onnx')], /empty\.onnx/],
  ['a cut ONNX model', () => ['inspect', at('cut.onnx')], /cut\.onnx/],
  ['a cut espalier model', () => ['inspect', at('cut.espalier')], /cut\.espalier/],
  ['a flipped bit', () => ['inspect', at('flipped.espalier')], /flipped\.espalier/],
  ['a file that is no model', () => ['inspect', at('notes.txt')], /notes\.txt[\s\S]*Known formats: /],
  [
    'an unknown extension',
    () => ['convert', at('model.onnx'), '-o', at('out.bin')],
    /No format has this extension.*out\.bin/,
  ],
  [
    'an existing output',
    () => ['convert', at('model.onnx'), '-o', at('there.espalier')],
    /there\.espalier" exists already[\s\S]*--force/,
  ],
  [
    'an output in a missing folder',
    () => ['convert', at('model.onnx'), '-o', at('gone/out.espalier')],
    /folder ".*gone".* does not exist/,
  ],
  ['an unknown recipe', () => compress('-r', 'deep-compresion'), /no recipe "deep-compresion"/],
  ['a missing recipe file', () => compress('-r', at('gone.json')), /gone\.json" does not exist/],
  ['a recipe that is no JSON', () => compress('-r', at('broken.json')), /no JSON.*broken\.json/],
  [
    'a wrong recipe key',
    () => compress('-r', at('key.json')),
    /no option "stepz"[\s\S]*Did you mean "steps"/,
  ],
  ['an unknown pass', () => compress('-r', at('pass.json')), /no pass "prun"[\s\S]*Did you mean "prune"/],
  [
    'an unknown option of a pass',
    () => compress('-r', at('option.json')),
    /prune has no option "densitee"[\s\S]*Did you mean "density"/,
  ],
  ['an option out of range', () => compress('-r', at('range.json')), /"prune\.density" is 7/],
  [
    'calibration data of the wrong shape',
    () => compress('--calibration', at('wrong.npy')),
    /wrong\.npy" has shape \[1, 3, 2, 2\]; input "x" takes float32\[N, 3, 8, 8\]/,
  ],
  [
    'a name that outputs do not fit in',
    () => ['run', at('model.onnx'), '--data', at('right.npy'), '-o', at('out.txt')],
    /out\.txt" can't hold the output of the model/,
  ],
  ['no model to time', () => ['bench', at('gone.onnx')], /gone\.onnx" does not exist/],
  ['no run to time', () => ['bench', at('model.onnx'), '--runs', '0'], /Write a whole number above 0/],
  [
    'an input of open size to time',
    () => ['bench', at('open.onnx')],
    /size of input "x" is open: 1xH[\s\S]*Pass --shape "x=/,
  ],
  [
    'an input too large to time',
    () => ['bench', at('large.onnx')],
    /Input "x" of 1x1099511627776 would take \d+ bytes/,
  ],
  ['a size that the model does not take', () => ['bench', at('model.onnx'), '--shape', '1x4x8x8'], /x/],
  ['missing data', () => compress('--data', at('gone.npy')), /gone\.npy" does not exist/],
  [
    'too many labels',
    () => compress('--data', at('right.npy'), '--labels', at('two.txt')),
    /2 labels for the 1 samples/,
  ],
  ['labels without data', () => compress('--labels', at('two.txt')), /labels, but no data/],
  [
    'a mean that is no number',
    () => compress('--data', at('right.npy'), '--mean', 'a,b'),
    /Write numbers with commas between/,
  ],
  ['an unknown command', () => ['inspekt', at('model.onnx'), '--quiet'], /Unknown command 'inspekt'/],
  [
    'an unknown option',
    () => ['inspect', at('model.onnx'), '--jsn'],
    /Unknown option '--jsn'[\s\S]*Did you mean --json/,
  ],
  ['a missing argument', () => ['inspect'], /Missing required argument 'file'/],
  [
    'a missing output',
    () => ['compress', at('model.onnx')],
    /Required option '-o, --out <path>' not specified/,
  ],
  [
    'a plugin that is not installed',
    () => compress('--plugin', 'espalier-plugin-nowhere'),
    /no plugin package "espalier-plugin-nowhere" as seen from the current folder[\s\S]*npm install/,
  ],
];

describe('bad input is one clear error', () => {
  test.each(cases)('%s', async (_, argv, said) => {
    const before = readdirSync(at('.'));
    const { code, stdout, stderr } = await espalier(argv());
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(said);
    // Steps that had begun may stand before it.
    expect(stderr).toMatch(/(^|\.\.\.\n)error: .+\n( {2}fix: .+\n)?$/);
    expect(readdirSync(at('.'))).toEqual(before);
    expect(existsSync(at('out.espalier'))).toBe(false);
  });

  test('the old output stays as it was', () => {
    expect(readFileSync(at('there.espalier'), 'utf8')).toBe('the old file');
  });

  test('names in a model do not steer the terminal', async () => {
    await writeFile(at('steers.onnx'), writeModel(reluModel({ node: 'a\x1b[2J\rb' }), 'onnx'));
    const { stdout } = await espalier(['inspect', at('steers.onnx'), '--all']);
    expect(stdout).toContain('a\\x1b[2J\\x0db');
    expect(stdout).not.toContain('\x1b');
  });

  test.each(['__proto__', 'constructor', 'toString'])('a model may call its input %s', async (input) => {
    await writeFile(at('named.onnx'), writeModel(reluModel({ input }), 'onnx'));
    expect(await espalier(['inspect', at('named.onnx')])).toMatchObject({ code: 0, stderr: '' });
  });

  test('with --json it is JSON on stdout too', async () => {
    const { stdout } = await espalier(['inspect', at('gone.onnx'), '--json']);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'FILE', fix: 'Check the path.' } });
  });

  test('with --debug the stack is shown', async () => {
    expect((await espalier(['inspect', at('gone.onnx'), '--debug'])).stderr).toMatch(/\n {4}at /);
  });

  test('with --force the old output is replaced', async () => {
    expect((await espalier(['convert', at('model.onnx'), '-o', at('there.espalier'), '--force'])).code).toBe(
      0,
    );
    expect((await espalier(['inspect', at('there.espalier')])).code).toBe(0);
  });
});
