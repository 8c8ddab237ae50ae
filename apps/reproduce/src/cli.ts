import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { reproduceOcr } from './ocr/reproduce-ocr.js';
import { reproduceResNet20 } from './resnet20/reproduce-resnet20.js';

/** Every command makes one table from real models and data, and returns it as data. */
const tables: Readonly<Record<string, (out: string) => Promise<unknown>>> = {
  ocr: reproduceOcr,
  resnet20: reproduceResNet20,
};

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'string' }, out: { type: 'string', default: 'out' } },
});
const [name = ''] = positionals;
const table = tables[name];
if (table === undefined) {
  console.error(`usage: reproduce <${Object.keys(tables).join('|')}> [--json FILE] [--out FOLDER]`);
  process.exit(1);
}
const out = resolve(process.env['INIT_CWD'] ?? '.', values.out);
mkdirSync(out, { recursive: true });
const result = await table(out);
if (values.json !== undefined) {
  const file = resolve(process.env['INIT_CWD'] ?? '.', values.json);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(result, null, 2)}\n`);
}
