import { existsSync, readdirSync } from 'node:fs';
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import { writeModel } from '../src/library.js';
import { espalier, temporaryFolder } from './command-line.js';
import { coreIsBuilt, installPackages } from './plugin-packages.js';
import { tinyModel } from './tiny-model.js';

if (!coreIsBuilt) console.log('Skipped: @espalier/core is not built');

/** What is said of each package, where a recipe in its project names it and its pass runs behind prune. */
const cases: readonly [name: string, pass: string | null, said: RegExp][] = [
  [
    'espalier-plugin-nowhere',
    null,
    /no plugin package "espalier-plugin-nowhere" as seen from .*project\.\n {2}fix: Install it there: npm install espalier-plugin-nowhere/,
  ],
  ['espalier-plugin-empty', null, /package "espalier-plugin-empty" exports no plugin/],
  [
    'espalier-plugin-throws',
    null,
    /package "espalier-plugin-throws" throws as it is loaded: Error: no luck today/,
  ],
  [
    'espalier-plugin-old',
    null,
    /plugin "old" \(package espalier-plugin-old\) was made for plugin API 7, this core speaks 1/,
  ],
  [
    'espalier-plugin-refuses',
    null,
    /plugin "refuses" \(package espalier-plugin-refuses\) can't be installed: it threw TypeError: not here/,
  ],
  [
    'espalier-plugin-twice',
    null,
    /plugin "twice" \(package espalier-plugin-twice\) registers the format "mine" twice/,
  ],
  [
    'espalier-plugin-onnx',
    null,
    /plugin "my-onnx" \(package espalier-plugin-onnx\) registers the format "onnx", which the plugin "onnx" brought/,
  ],
  ['espalier-plugin-taken', null, /Two plugins are named "prune" \(of espalier-plugin-taken\)/],
  [
    'espalier-plugin-breaks',
    'breaks',
    /pass "breaks" \(package espalier-plugin-breaks\) failed: out of luck/,
  ],
  [
    'espalier-plugin-fills',
    'fills',
    /pass "fills" \(package espalier-plugin-fills\) undid "prune": \d+ pruned weights of "conv.weight" are no longer zero/,
  ],
];

describe.skipIf(!coreIsBuilt)('plugins of the project that a recipe is in', () => {
  const at = temporaryFolder();
  const compress = (recipe: string, ...rest: string[]): string[] => [
    'compress',
    at('model.onnx'),
    '-o',
    at('out.espalier'),
    '-r',
    at(`project/${recipe}`),
    ...rest,
  ];

  beforeAll(async () => {
    await mkdir(at('project'));
    await installPackages(at('project'));
    await writeFile(at('model.onnx'), writeModel(tinyModel(), 'onnx'));
    const recipe = (plugin: string, steps: readonly string[]): string =>
      JSON.stringify({ plugins: [plugin], steps });
    for (const [name, pass] of cases)
      await writeFile(at(`project/${name}.json`), recipe(name, pass === null ? ['prune'] : ['prune', pass]));
    await writeFile(at('project/marks.json'), recipe('espalier-plugin-marks', ['marks']));
  });

  test.each(cases)('%s is refused, and nothing is written', async (name, _, said) => {
    const before = readdirSync(at('.'));
    const { code, stdout, stderr } = await espalier(compress(`${name}.json`));
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(said);
    expect(stderr).toMatch(/(^|\.\.\.\n)error: .+\n( {2}fix: .+\n)?$/);
    expect(readdirSync(at('.'))).toEqual(before);
  });

  test('are found from the recipe, run, and listed with where they are from', async () => {
    expect(await espalier(compress('marks.json'))).toMatchObject({ code: 0 });
    const package_ = at('project/node_modules/espalier-plugin-marks');
    const listed = await espalier(['plugins', '--plugin', package_, '--json']);
    const { plugins, apiVersion } = JSON.parse(listed.stdout);
    expect(apiVersion).toBe(1);
    expect(plugins).toEqual([
      {
        id: 'marks',
        package: 'espalier-plugin-marks',
        version: '1.2.3',
        apiVersion: 1,
        file: expect.stringMatching(/^\.\..*project\/node_modules\/espalier-plugin-marks\/dist\/index\.js$/),
      },
    ]);
    const { stdout } = await espalier(['plugins', '--plugin', package_]);
    expect(stdout).toMatch(/marks +espalier-plugin-marks 1\.2\.3 +1 +\.\..*dist\/index\.js/);
  });

  test('a file that needs one which is not loaded names the package', async () => {
    if (!existsSync(at('out.espalier'))) await espalier(compress('marks.json'));
    await copyFile(at('out.espalier'), at('marked.espalier'));
    const { code, stderr } = await espalier(['inspect', at('marked.espalier')]);
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /uses the weight encoding "marked".*marked\.espalier.*\n {2}fix: .*npm install espalier-plugin-marks,/,
    );
    const package_ = at('project/node_modules/espalier-plugin-marks');
    const read = await espalier(['inspect', at('marked.espalier'), '--plugin', package_]);
    expect(read).toMatchObject({ code: 0, stderr: '' });
    expect(read.stdout).toContain('marked(inner: float32)');
  });
});
