import type { Recipe } from '@espalier/core';

/** A program for Node that makes the same file. */
export function codeFor({ steps }: Recipe, file: string, seed: number): string {
  const stem = file.replace(/\.[^.]*$/, '');
  const list = JSON.stringify(steps, null, 2).replaceAll('\n', '\n  ');
  return `import { readFile, writeFile } from 'node:fs/promises';
import { compress } from 'espalier';

const recipe = {
  steps: ${list},
};

const { bytes, report } = await compress(await readFile(${JSON.stringify(file)}), recipe, { seed: ${seed} });
await writeFile(${JSON.stringify(`${stem}.espalier`)}, bytes);
for (const { pass, sizeBytes } of report.passes) console.log(pass, sizeBytes);
`;
}
