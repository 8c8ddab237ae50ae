import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { docs, root } from '../../src/repository.js';
import type { Sample } from './read-samples.js';

/** Where samples are put to be checked and run: below `docs`, so that they find its packages. Not committed. */
export const workFolder: string = join(docs, '.samples');

/**
 * What TypeScript says of samples, by `file:line` of the document; empty where all is well. A sample is a module of its own; names that it
 * does not declare are those of reader.d.ts.
 */
export function checkTypes(samples: readonly Sample[]): readonly string[] {
  const folder = join(workFolder, 'types');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(folder, 'samples'), { recursive: true });
  mkdirSync(join(folder, 'src'), { recursive: true });
  cpSync(join(docs, 'test/samples/reader.d.ts'), join(folder, 'reader.d.ts'));
  // The plugin of a reader who writes one, which its tests import.
  writeFileSync(join(folder, 'src/index.ts'), 'const own = dropSmall;\nexport { own as dropSmall };\n');
  writeFileSync(
    join(folder, 'files.d.ts'),
    `declare module '*?url' {\n  const address: string;\n  export default address;\n}\n`,
  );
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }\n');
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(settings));
  const places = new Map<string, Sample>();
  for (const [i, sample] of samples.entries()) {
    const name = `samples/${i}.${sample.language}`;
    places.set(name, sample);
    // A module even where it imports nothing.
    writeFileSync(join(folder, name), `${sample.text}export {};\n`);
  }
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const { stdout } = spawnSync(process.execPath, [tsc, '-p', folder, '--pretty', 'false'], {
    encoding: 'utf8',
    cwd: folder,
  });
  return stdout
    .split('\n')
    .filter((line) => line.includes(': error '))
    .map((line) => placed(line, places));
}

/** `samples/3.ts(2,5): error …` as `README.md:40: error …`. */
function placed(line: string, places: ReadonlyMap<string, Sample>): string {
  const [, name = '', row = '0', rest = ''] = /^(.*?)\((\d+),\d+\): (.*)$/.exec(line) ?? [];
  const sample = places.get(name);
  return sample === undefined ? line : `${sample.file}:${sample.line + Number(row) - 1}: ${rest}`;
}

const settings = {
  extends: '../../../packages/config/tsconfig.json',
  compilerOptions: {
    noEmit: true,
    rootDir: '../../..',
    declaration: false,
    isolatedDeclarations: false,
    allowJs: true,
    checkJs: true,
    types: ['node'],
    // What a reader's own project has by default.
    noUncheckedIndexedAccess: false,
    exactOptionalPropertyTypes: false,
    noUnusedLocals: false,
    noUnusedParameters: false,
    // Modules that are strict about types alone.
    verbatimModuleSyntax: false,
  },
  include: ['.'],
  exclude: [],
};
