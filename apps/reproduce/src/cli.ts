import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { reproduceOcr } from './ocr/reproduce-ocr.js';
import { reproduceResNet20 } from './resnet20/reproduce-resnet20.js';
import { asMarkdown, asText, type Reproduction } from './table.js';

/** Every command makes one table from real models and data. */
const tables: Readonly<Record<string, (out: string) => Promise<Reproduction>>> = {
  ocr: reproduceOcr,
  resnet20: reproduceResNet20,
};

const usage = `usage: reproduce <${Object.keys(tables).join('|')}> [--json FILE] [--markdown FILE] [--out FOLDER]`;

/** Paths are those of the folder that npm was called in. */
function pathOf(path: string): string {
  return resolve(process.env['INIT_CWD'] ?? '.', path);
}

async function main(): Promise<void> {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: {
      json: { type: 'string' },
      markdown: { type: 'string' },
      out: { type: 'string', default: 'out' },
    },
  });
  const name = positionals[0] ?? '';
  const make = Object.hasOwn(tables, name) ? tables[name] : undefined;
  if (make === undefined) throw new Error(usage);
  const out = pathOf(values.out);
  await mkdir(out, { recursive: true });
  const made = await make(out);
  console.log(`\n${asText(made)}\n`);
  for (const note of made.notes) console.log(note);
  if (values.json !== undefined) await write(pathOf(values.json), `${JSON.stringify(made.data, null, 2)}\n`);
  if (values.markdown !== undefined) {
    const page = pathOf(values.markdown);
    await write(page, asMarkdown(made, `npm run -s reproduce -- ${name}`));
    for (const { file, svg } of made.figures ?? []) await write(join(dirname(page), file), svg);
  }
}

async function write(file: string, text: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exit(1);
});
