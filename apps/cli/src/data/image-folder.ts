import { readdir } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { DataError, FormatError } from '@espalier/core';
import sharp from 'sharp';
import { unreadable } from './byte-source.js';
import type { Rows } from './rows.js';

/** Height, width and channels of the images a model takes. */
export interface ImageSize {
  readonly height: number;
  readonly width: number;
  /** 1 gray, 3 RGB, 4 RGB and alpha. */
  readonly channels: 1 | 3 | 4;
}

const endings: ReadonlySet<string> = new Set(['.png', '.jpg', '.jpeg']);

// A square of 16384 pixels: a small file can claim far more.
const MOST_PIXELS = 2 ** 28;

/** Whether a path names an image by its ending. */
export function isImage(path: string): boolean {
  return endings.has(extname(path).toLowerCase());
}

/**
 * The paths of the PNG and JPEG files of a folder, by name.
 *
 * @throws {DataError} when it has none
 */
export async function listImages(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
    throw unreadable(folder, error);
  });
  const images = entries
    .filter((entry) => !entry.isDirectory() && isImage(entry.name))
    .map((entry) => entry.name)
    .sort()
    .map((name) => join(folder, name));
  if (images.length === 0) {
    throw new DataError({
      what: `"${folder}" holds no .png, .jpg or .jpeg files.`,
      fix: 'Name the folder that holds the images themselves: subfolders are not searched.',
    });
  }
  return images;
}

/**
 * Images as samples: uint8 [N, height, width, channels], decoded as they are read.
 * Each is turned upright by its EXIF tag and stretched to the size.
 */
export function openImages(folder: string, paths: readonly string[], size: ImageSize): Rows {
  const perImage = size.height * size.width * size.channels;
  return {
    name: folder,
    type: 'uint8',
    dims: [paths.length, size.height, size.width, size.channels],
    async read(start, count) {
      const out = new Uint8Array(count * perImage);
      for (const [i, path] of paths.slice(start, start + count).entries()) {
        out.set(await decode(path, size), i * perImage);
      }
      return out;
    },
    async close() {},
  };
}

/** Height and width of an image as it is shown, from its header. */
export async function imageSize(path: string): Promise<{ readonly height: number; readonly width: number }> {
  const info = await sharp(path, { limitInputPixels: MOST_PIXELS })
    .metadata()
    .catch((error: unknown) => {
      throw undecodable(path, error);
    });
  return { height: info.autoOrient.height, width: info.autoOrient.width };
}

async function decode(path: string, { height, width, channels }: ImageSize): Promise<Uint8Array> {
  const image = sharp(path, { limitInputPixels: MOST_PIXELS })
    .autoOrient()
    .resize(width, height, { fit: 'fill', kernel: 'linear' })
    .toColourspace(channels === 1 ? 'b-w' : 'srgb');
  const pixels = channels === 4 ? image.ensureAlpha() : image.flatten({ background: 'white' });
  const { data, info } = await pixels
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true })
    .catch((error: unknown) => {
      throw undecodable(path, error);
    });
  if (info.channels !== channels || info.width !== width || info.height !== height) {
    throw new DataError({
      what: `"${path}" decodes to ${info.width}x${info.height} with ${info.channels} channels, wanted are ${width}x${height} with ${channels}.`,
      fix: 'Save it as a plain 8-bit RGB PNG.',
    });
  }
  return data;
}

function undecodable(path: string, cause: unknown): FormatError {
  return new FormatError({
    what: `"${path}" can't be decoded: ${cause instanceof Error ? cause.message : String(cause)}.`,
    fix: 'The image is cut or damaged: replace or remove it.',
    cause,
  });
}
