import type { RunData } from '@espalier/core';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { DatasetRequest } from '../data/open-dataset.js';
import type { DataLayout } from '../data/sample-plan.js';

/** The options that say how data is read. */
export interface DataFlags {
  readonly data?: readonly string[];
  readonly labels?: string;
  readonly layout?: DataLayout;
  readonly mean?: readonly number[];
  readonly std?: readonly number[];
  readonly rawBytes?: boolean;
  readonly size?: { readonly height: number; readonly width: number };
  readonly limit?: number;
}

/** Adds `--data` and what goes with it. */
export function addDataOptions(command: Command, about: string): Command {
  return command
    .addOption(new Option('--data <path>', about).argParser(collect))
    .option('--labels <path>', 'class numbers of --data: .npy, .npz, IDX or text, one a line')
    .addOption(new Option('--layout <layout>', 'how images lie in the data').choices(['nhwc', 'nchw']))
    .option(
      '--mean <numbers>',
      'subtracted, one number or one a channel; bytes are scaled to 0..1 first',
      numbers,
    )
    .option('--std <numbers>', 'divided by after --mean, one number or one a channel', positiveNumbers)
    .option('--raw-bytes', 'leave bytes at 0..255 where the model takes reals')
    .option('--size <HxW>', 'size of images where the model leaves it open', size)
    .option('--limit <count>', 'use the first so many samples', wholeNumber);
}

/** The request for a dataset at `paths`, read as the flags say. */
export function datasetRequest(
  flags: DataFlags,
  paths: readonly string[],
  labels?: string,
  role: keyof RunData = 'holdout',
): DatasetRequest {
  const { layout, mean, std, rawBytes, size: imageSize, limit } = flags;
  return {
    data: paths,
    role,
    ...(labels && { labels }),
    ...(layout && { layout }),
    ...(mean && { mean }),
    ...(std && { std }),
    ...(rawBytes && { rawBytes }),
    ...(imageSize && { size: imageSize }),
    ...(limit && { limit }),
  };
}

/** For options that may be given several times. */
export function collect(value: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), value];
}

/** `0.485,0.456,0.406` */
function numbers(text: string): readonly number[] {
  const values = text.split(',').map((part) => (part.trim() === '' ? Number.NaN : Number(part)));
  if (values.some((value) => !Number.isFinite(value))) {
    throw new InvalidArgumentError('Write numbers with commas between, like 0.485,0.456,0.406.');
  }
  return values;
}

function positiveNumbers(text: string): readonly number[] {
  const values = numbers(text);
  if (values.some((value) => value <= 0)) throw new InvalidArgumentError('Each must be above 0.');
  return values;
}

/** A natural number above 0. */
export function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1)
    throw new InvalidArgumentError('Write a whole number above 0.');
  return value;
}

function size(text: string): { readonly height: number; readonly width: number } {
  const [, height, width] = /^(\d{1,5})x(\d{1,5})$/.exec(text) ?? [];
  if (!Number(height) || !Number(width))
    throw new InvalidArgumentError('Write height x width, like 640x480.');
  return { height: Number(height), width: Number(width) };
}
