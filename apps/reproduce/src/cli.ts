import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { densityAndError } from './ablations/density-and-error.js';
import { firstCentroids } from './ablations/first-centroids.js';
import { sizeAndError } from './ablations/size-and-error.js';
import { trainBaselines } from './lenet/baselines.js';
import { reproduceHeadline } from './lenet/headline.js';
import { lenetTables } from './lenet/recipes.js';
import { reproduceLenet, type SeedResult } from './lenet/reproduce-lenet.js';
import { reproduceOcr } from './ocr/reproduce-ocr.js';
import { reproduceCalibration } from './quantize/calibration.js';
import { reproduceEqualization, reproduceEqualizationRelu6 } from './quantize/equalization.js';
import { reproduceForms } from './quantize/forms.js';
import { type QatRow, reproduceQat } from './quantize/qat.js';
import { reproduceRounding } from './quantize/rounding.js';
import { reproduceTimeLimits } from './quantize/time-limits.js';
import { reproduceResNet20 } from './resnet20/reproduce-resnet20.js';
import { type Retrained, reproduceRetrained } from './resnet20/reproduce-retrained.js';
import { asMarkdown, asText, type Reproduction } from './table.js';
import { reproduceQuantized } from './tflite/reproduce-quantized.js';
import { reproduceTflite } from './tflite/reproduce-tflite.js';

/** What every table is made with. */
interface Request {
  /** Folder for files that are made on the way. */
  readonly out: string;
  /** Of what is trained. */
  readonly seeds: readonly number[];
  /** Seeds that an earlier run wrote with `--json`. */
  readonly known: readonly Known[];
}

/** Which of them it is, its table tells. */
type Known = SeedResult | Retrained | QatRow;

const isOfLenet = (result: Known): result is SeedResult => Object.hasOwn(lenetTables, result.table);
const isQat = (result: Known): result is QatRow => result.table === 'qat';
const isRetrained = (result: Known): result is Retrained => result.table === 'resnet20-retrained';

/** Every command makes one page from real models and data. */
const tables: Readonly<Record<string, (request: Request) => Promise<Reproduction>>> = {
  headline: ({ out }) => reproduceHeadline(out),
  ...Object.fromEntries(
    Object.keys(lenetTables).map((name) => [
      name,
      ({ seeds, known }: Request) => reproduceLenet(name, seeds, known.filter(isOfLenet)),
    ]),
  ),
  'density-and-error': densityAndError,
  'size-and-error': sizeAndError,
  'first-centroids': firstCentroids,
  baselines: trainBaselines,
  ocr: ({ out }) => reproduceOcr(out),
  calibration: reproduceCalibration,
  equalization: reproduceEqualization,
  'equalization-relu6': reproduceEqualizationRelu6,
  rounding: reproduceRounding,
  'time-limits': reproduceTimeLimits,
  forms: reproduceForms,
  qat: ({ known }) => reproduceQat(known.filter(isQat)),
  resnet20: ({ out }) => reproduceResNet20(out),
  tflite: ({ out }) => reproduceTflite(out),
  'tflite-quantized': ({ out }) => reproduceQuantized(out),
  'resnet20-retrained': ({ out, seeds, known }) => reproduceRetrained(out, seeds, known.filter(isRetrained)),
};

const usage = `usage: reproduce <${Object.keys(tables).join('|')}> [--seeds 1,2,3] [--known FILE] [--json FILE] [--markdown FILE] [--out FOLDER]`;

/** Paths are those of the folder that npm was called in. */
function pathOf(path: string): string {
  return resolve(process.env['INIT_CWD'] ?? '.', path);
}

function seedsOf(text: string): readonly number[] {
  const seeds = text.split(',').map(Number);
  if (seeds.some((seed) => !Number.isSafeInteger(seed))) throw new Error(usage);
  return seeds;
}

async function readKnown(files: readonly string[]): Promise<readonly Known[]> {
  const texts = await Promise.all(files.map((file) => readFile(pathOf(file), 'utf8')));
  return texts.flatMap((text) => JSON.parse(text) as Known[]); // written by `--json`
}

async function main(): Promise<void> {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: {
      seeds: { type: 'string', default: '1,2,3' },
      known: { type: 'string', multiple: true, default: [] },
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
  const made = await make({ out, seeds: seedsOf(values.seeds), known: await readKnown(values.known) });
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
