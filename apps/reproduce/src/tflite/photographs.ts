import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';

/** Side of the images that visual wake words take. */
const wordsSide = 96;

/** A part of a photograph, in fractions of its sides. */
type Part = readonly [left: number, top: number, size: number];

/** All of a photograph, its quarters, its middle. */
export const manyParts: readonly Part[] = [
  [0, 0, 1],
  ...[0, 0.5].flatMap((left) => [0, 0.5].map((top) => [left, top, 0.5] as const)),
  [0.2, 0.2, 0.6],
];

/**
 * Writes views of photographs as .npy, uint8 [n, 96, 96, 3]: six parts of each, and all mirrored.
 *
 * @param take - tells by its number which photograph of the folder is used
 * @returns how many views
 */
export async function writeViews(
  folder: string,
  file: string,
  take: (index: number) => boolean,
): Promise<number> {
  const views = await viewsOf(folder, take, wordsSide, manyParts);
  await writeFile(file, npy(Buffer.concat(views), [views.length, wordsSide, wordsSide, 3]));
  return views.length;
}

/** Views of photographs, RGB bytes [side, side, 3] each: parts of each photograph, and all mirrored. */
export async function viewsOf(
  folder: string,
  take: (index: number) => boolean,
  side: number,
  parts: readonly Part[],
): Promise<readonly Buffer[]> {
  const names = (await readdir(folder)).filter((name) => /\.jpe?g$/i.test(name)).sort();
  const views: Buffer[] = [];
  for (const name of names.filter((_, index) => take(index))) {
    const photograph = sharp(join(folder, name)).removeAlpha().toColourspace('srgb');
    const { data, info } = await photograph.raw().toBuffer({ resolveWithObject: true });
    for (const part of parts) {
      for (const mirrored of [false, true]) views.push(await view(data, info, part, mirrored, side));
    }
  }
  return views;
}

async function view(
  data: Buffer,
  { width, height }: { readonly width: number; readonly height: number },
  [left, top, size]: Part,
  mirrored: boolean,
  side: number,
): Promise<Buffer> {
  const box = {
    left: Math.floor(left * width),
    top: Math.floor(top * height),
    width: Math.floor(size * width),
    height: Math.floor(size * height),
  };
  const image = sharp(data, { raw: { width, height, channels: 3 } })
    .extract(box)
    .resize(side, side, { fit: 'fill', kernel: 'linear' });
  return (mirrored ? image.flop() : image).raw().toBuffer();
}

/** "\x93NUMPY", and the format's version. */
const magic = Uint8Array.of(0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0);

/** NumPy format 1.0; its header ends at a multiple of 64. */
function npy(data: Buffer, dims: readonly number[]): Buffer {
  const header = `{'descr': '|u1', 'fortran_order': False, 'shape': (${dims.join(', ')}), }`;
  const text = `${header.padEnd(64 * Math.ceil((header.length + 11) / 64) - 11)}\n`;
  const length = Buffer.alloc(2);
  length.writeUInt16LE(text.length);
  return Buffer.concat([magic, length, Buffer.from(text), data]);
}
