import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DataError, type RunData } from '@espalier/core';
import { isFolder } from './byte-source.js';
import { FileDataset } from './dataset.js';
import { type ImageSize, imageSize, isImage, listImages, openImages } from './image-folder.js';
import { readLabels } from './labels.js';
import { openMnist } from './mnist.js';
import { openArrays } from './open-arrays.js';
import type { Rows } from './rows.js';
import type { DataOptions, InputShape } from './sample-plan.js';

/** What the command line says about a data set. */
export interface DatasetRequest extends DataOptions {
  /** Paths or names of known data sets, each alone or as `input=path`. */
  readonly data: readonly string[];
  /** What it is for: a known data set has a part for each. Default `holdout`. */
  readonly role?: keyof RunData;
  readonly labels?: string;
  /** Use the first so many samples. */
  readonly limit?: number;
  /** Size images are resized to where the model leaves it open. */
  readonly size?: { readonly height: number; readonly width: number };
}

/**
 * Opens the data for a model's inputs.
 *
 * @throws {FileError | FormatError | DataError} when it can't be opened or doesn't fit
 */
export async function openDataset(
  inputs: readonly InputShape[],
  request: DatasetRequest,
): Promise<FileDataset> {
  const rows = new Map<string, Rows>();
  try {
    return await makeDataset(inputs, request, rows);
  } catch (error) {
    for (const array of rows.values()) await array.close();
    throw error;
  }
}

/** @param rows - gets each array as it is opened */
async function makeDataset(
  inputs: readonly InputShape[],
  request: DatasetRequest,
  rows: Map<string, Rows>,
): Promise<FileDataset> {
  let found: string | undefined;
  let known: Int32Array | undefined;
  for (const spec of request.data) {
    const { name, path } = splitSpec(spec, inputs);
    if (isKnownDataset(path)) {
      const part = await openMnist(request.role ?? 'holdout');
      rows.set(name ?? inputs[0]?.name ?? '', part.rows);
      known ??= part.labels;
    } else if (isImage(path) || (await isFolder(path))) {
      const input = inputs.find((one) => one.name === name) ?? inputs[0];
      if (input === undefined) continue;
      rows.set(input.name, await openPictures(path, input, request));
      if (isImage(path)) continue;
      const beside = join(path, 'labels.txt');
      if (existsSync(beside)) found ??= beside;
    } else {
      for (const [key, array] of await arraysOf(path, name, inputs)) rows.set(key, array);
    }
  }
  const labelsPath = request.labels ?? found;
  const labels = labelsPath === undefined ? known : await readLabels(labelsPath);
  const { layout, mean, std, rawBytes, limit } = request;
  return new FileDataset(inputs, rows, {
    ...(layout && { layout }),
    ...(mean && { mean }),
    ...(std && { std }),
    ...(rawBytes && { rawBytes }),
    ...(limit && { limit }),
    ...(labels && { labels }),
  });
}

/** Whether a word names a data set that is known here. A file or folder of that name comes first. */
export function isKnownDataset(spec: string): boolean {
  return spec === 'mnist' && !existsSync(spec);
}

/** `name=path` where the model has an input of that name; else the whole is a path. */
function splitSpec(
  spec: string,
  inputs: readonly InputShape[],
): { readonly name: string | null; readonly path: string } {
  const at = spec.indexOf('=');
  const name = spec.slice(0, at);
  if (at > 0 && inputs.some((input) => input.name === name)) return { name, path: spec.slice(at + 1) };
  return { name: null, path: spec };
}

async function arraysOf(
  path: string,
  name: string | null,
  inputs: readonly InputShape[],
): Promise<ReadonlyMap<string, Rows>> {
  const opened = await openArrays(path);
  if (opened.kind === 'text') {
    await opened.source.close();
    throw new DataError({
      what: `"${path}" is text: labels, not data.`,
      fix: 'Give it with --labels; data is .npy, .npz, IDX or a folder of images.',
    });
  }
  const arrays = opened.arrays;
  const only = [...arrays.values()][0];
  const target = name ?? (inputs.length === 1 ? inputs[0]?.name : undefined);
  // A single array needs no name; several go by theirs.
  if (arrays.size === 1 && only !== undefined && target !== undefined) return new Map([[target, only]]);
  const unlabelled = [...arrays].filter(([key]) => key !== 'labels' && key !== 'y');
  if (unlabelled.length === 1 && target !== undefined) return new Map([[target, unlabelled[0]?.[1] as Rows]]);
  if (arrays.has('')) {
    await only?.close();
    throw new DataError({
      what: `The model has ${inputs.length} inputs, and "${path}" does not say which it is for.`,
      fix: `Name the input: ${inputs.map((input) => `${input.name}=FILE`).join(' ')}.`,
    });
  }
  return arrays;
}

/** An image, or all of a folder. */
async function openPictures(path: string, input: InputShape, request: DatasetRequest): Promise<Rows> {
  const images = isImage(path) && !(await isFolder(path)) ? [path] : await listImages(path);
  return openImages(path, images, await sizeFor(input, images, request));
}

/** The model's height and width, else the user's, else the first image's. */
async function sizeFor(
  input: InputShape,
  images: readonly string[],
  { size }: DatasetRequest,
): Promise<ImageSize> {
  const dims = input.dims ?? ['?', 3, '?', '?'];
  if (dims.length !== 4) {
    throw new DataError({
      what: `Input "${input.name}" of shape [${dims.join(', ')}] takes no images.`,
      fix: 'Give a .npy or .npz file with what it takes.',
    });
  }
  const channelsLast = !isChannels(dims[1]) && isChannels(dims[3]);
  const [channels, height, width] = channelsLast ? [dims[3], dims[1], dims[2]] : [dims[1], dims[2], dims[3]];
  if (typeof channels === 'number' && !isChannels(channels)) {
    throw new DataError({
      what: `Input "${input.name}" takes ${channels} channels; images have 1, 3 or 4.`,
      fix: 'Give a .npy or .npz file with what it takes.',
    });
  }
  const fallback =
    typeof height === 'number' && typeof width === 'number'
      ? undefined
      : (size ?? (await imageSize(images[0] ?? '')));
  return {
    height: typeof height === 'number' ? height : (fallback?.height ?? 1),
    width: typeof width === 'number' ? width : (fallback?.width ?? 1),
    channels: isChannels(channels) ? channels : 3,
  };
}

function isChannels(dim: unknown): dim is 1 | 3 | 4 {
  return dim === 1 || dim === 3 || dim === 4;
}
