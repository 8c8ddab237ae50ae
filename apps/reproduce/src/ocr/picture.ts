import { Tensor } from '@espalier/core';
import sharp from 'sharp';

/** RGB bytes, row by row. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly rgb: Uint8Array;
}

/** A rectangle of whole pixels; right and bottom are outside. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** Decodes a picture file. */
export async function readPicture(file: string): Promise<Picture> {
  const { data, info } = await sharp(file)
    .removeAlpha()
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, rgb: new Uint8Array(data) };
}

/** A part of a picture, scaled to a height, its width in proportion but at most `maxWidth`. */
export async function cropToHeight(
  picture: Picture,
  box: Box,
  height: number,
  maxWidth: number,
): Promise<Picture> {
  const [boxWidth, boxHeight] = [box.right - box.left, box.bottom - box.top];
  const width = Math.max(1, Math.min(maxWidth, Math.round((boxWidth * height) / boxHeight)));
  const data = await sharp(picture.rgb, {
    raw: { width: picture.width, height: picture.height, channels: 3 },
  })
    .extract({ left: box.left, top: box.top, width: boxWidth, height: boxHeight })
    .resize(width, height, { fit: 'fill' })
    .raw()
    .toBuffer();
  return { width, height, rgb: new Uint8Array(data) };
}

/**
 * float32 [1, 3, height, width], (byte / 255 - mean) / deviation; zeros right of and below the picture.
 */
export function toTensor(
  picture: Picture,
  size: { readonly width: number; readonly height: number },
  mean: readonly number[],
  deviation: readonly number[],
): Tensor<'float32'> {
  const plane = size.width * size.height;
  const out = new Float32Array(3 * plane);
  for (let channel = 0; channel < 3; channel++) {
    for (let y = 0; y < Math.min(picture.height, size.height); y++) {
      for (let x = 0; x < Math.min(picture.width, size.width); x++) {
        const byte = picture.rgb[(y * picture.width + x) * 3 + channel] ?? 0;
        out[channel * plane + y * size.width + x] =
          (byte / 255 - (mean[channel] ?? 0)) / (deviation[channel] ?? 1);
      }
    }
  }
  return new Tensor('float32', out, [1, 3, size.height, size.width]);
}

/** The picture turned by 180 degrees. */
export function turnedAround({ width, height, rgb }: Picture): Picture {
  const out = new Uint8Array(rgb.length);
  for (let i = 0; i < width * height; i++)
    out.set(rgb.subarray(i * 3, i * 3 + 3), (width * height - 1 - i) * 3);
  return { width, height, rgb: out };
}
