import { DataError, type DataType, elementCount, isFloat } from '@espalier/core';

/** How image data lies: channels last (`nhwc`, as PNG decoders give it) or first (`nchw`, as ONNX wants it). */
export type DataLayout = 'nhwc' | 'nchw';

/** What of a model's input the data has to fit. A dim that is no number is free. */
export interface InputShape {
  readonly name: string;
  readonly dtype: DataType;
  /** Batch first; null where nothing is known. */
  readonly dims: readonly (number | string)[] | null;
  /** real = scale * (code - zeroPoint), where it takes codes and the model says of what. */
  readonly grid?: { readonly scale: number; readonly zeroPoint: number } | null;
}

/** How the user says the data is to be read. */
export interface DataOptions {
  readonly layout?: DataLayout;
  /** One number, or one a channel; of values scaled to 0..1 where the data is bytes. */
  readonly mean?: readonly number[];
  /** One number, or one a channel; > 0. */
  readonly std?: readonly number[];
  /** Bytes stay 0..255 where the input takes reals. */
  readonly rawBytes?: boolean;
}

/** What is done with each sample of an array, before they make a batch. */
export interface SamplePlan {
  /** Number of samples in the array. */
  readonly count: number;
  /** Shape of one sample as it lies in the data. */
  readonly from: readonly number[];
  /** How its axes are put in order, or null where they lie right. */
  readonly permutation: readonly number[] | null;
  /** Shape of one sample as the model takes it. */
  readonly to: readonly number[];
  /** Axis of the channels in the permuted sample. */
  readonly channelAxis: number | null;
}

const permutations: Readonly<Record<'nhwc to nchw' | 'nchw to nhwc', readonly number[]>> = {
  'nhwc to nchw': [2, 0, 1],
  'nchw to nhwc': [1, 2, 0],
};

/**
 * Decides how samples of shape `dims` become the model's input: as they are, with their axes
 * permuted, or with dims of 1 put in or left out.
 *
 * @param dims - whole shape of the data, [N, ...sample]
 * @throws {DataError} that names the data, both shapes and the remedy
 */
export function planSamples(
  name: string,
  dims: readonly number[],
  input: InputShape,
  { layout }: DataOptions,
): SamplePlan {
  if (input.dims === null) return plan(dims, null, dims.slice(1));
  const wanted = input.dims.slice(1);
  const sample = dims.slice(1);
  const image = sample.length === 3 && wanted.length === 3;
  const asIs = fits(sample, wanted);
  const turned = image ? turnedFit(sample, wanted) : null;
  if (asIs && turned !== null && layout === undefined && looksChannelsLast(sample)) {
    throw new DataError({
      what: `"${name}" of shape [${dims.join(', ')}] fits input "${input.name}" ${shapeOf(input)} both channels first and channels last.`,
      fix: 'Say which it is: --layout nhwc or --layout nchw.',
    });
  }
  if (image && layout === 'nhwc' && fits(permute(sample, permutations['nhwc to nchw']), wanted)) {
    return plan(dims, permutations['nhwc to nchw'], permute(sample, permutations['nhwc to nchw']));
  }
  if (asIs) return plan(dims, null, sample);
  if (turned !== null && layout !== 'nchw') return plan(dims, turned, permute(sample, turned));
  if (turned !== null && turned === permutations['nchw to nhwc'])
    return plan(dims, turned, permute(sample, turned));
  const squeezed = withOnes(sample, wanted);
  if (squeezed !== null) return { ...plan(dims, null, squeezed), channelAxis: channelAxisOf(squeezed) };
  const alone = singleSample(dims, wanted);
  if (alone !== null) return alone;
  throw misfit(name, dims, input);
}

function plan(
  dims: readonly number[],
  permutation: readonly number[] | null,
  to: readonly number[],
): SamplePlan {
  return { count: dims[0] ?? 1, from: dims.slice(1), permutation, to, channelAxis: channelAxisOf(to) };
}

/** The axis with 1, 3 or 4 entries at either end of an image; ONNX's place, the first, before the last. */
function channelAxisOf(sample: readonly number[]): number | null {
  if (sample.length !== 3) return null;
  if (isChannelCount(sample[0])) return 0;
  return isChannelCount(sample[2]) ? 2 : 0;
}

function isChannelCount(dim: number | string | undefined): boolean {
  return dim === 1 || dim === 3 || dim === 4;
}

function looksChannelsLast(sample: readonly number[]): boolean {
  return isChannelCount(sample[2]) && !isChannelCount(sample[0]);
}

function fits(sample: readonly number[], wanted: readonly (number | string)[]): boolean {
  return (
    sample.length === wanted.length &&
    wanted.every((dim, axis) => typeof dim === 'string' || dim === sample[axis])
  );
}

/** The permutation that makes an image fit, if one does and the channels then stand where images have them. */
function turnedFit(
  sample: readonly number[],
  wanted: readonly (number | string)[],
): readonly number[] | null {
  if (isChannelCount(sample[2]) && fits(permute(sample, permutations['nhwc to nchw']), wanted)) {
    return permutations['nhwc to nchw'];
  }
  if (isChannelCount(sample[0]) && fits(permute(sample, permutations['nchw to nhwc']), wanted)) {
    return permutations['nchw to nhwc'];
  }
  return null;
}

function permute(sample: readonly number[], permutation: readonly number[]): readonly number[] {
  return permutation.map((axis) => sample[axis] ?? 1);
}

/** The model's shape for a sample that differs from it by dims of 1, or is to be flattened. */
function withOnes(sample: readonly number[], wanted: readonly (number | string)[]): readonly number[] | null {
  const rest = sample.filter((dim) => dim !== 1);
  const out: number[] = [];
  for (const dim of wanted) {
    if (dim === 1) {
      out.push(1);
      continue;
    }
    const next = rest.shift();
    if (next === undefined || (typeof dim === 'number' && dim !== next)) break;
    out.push(next);
  }
  if (out.length === wanted.length && rest.length === 0) return out;
  const flat = wanted.length === 1 && sample.length > 1 && wanted[0] === elementCount(sample);
  return flat ? [elementCount(sample)] : null;
}

/** Data without a dim for samples is one sample. */
function singleSample(dims: readonly number[], wanted: readonly (number | string)[]): SamplePlan | null {
  if (fits(dims, wanted)) return plan([1, ...dims], null, dims);
  const turned = dims.length === 3 && wanted.length === 3 ? turnedFit(dims, wanted) : null;
  return turned === null ? null : plan([1, ...dims], turned, permute(dims, turned));
}

function shapeOf({ dtype, dims }: InputShape): string {
  return `${dtype}[${dims === null ? '...' : dims.join(', ')}]`;
}

function misfit(name: string, dims: readonly number[], input: InputShape): DataError {
  const image = input.dims?.length === 4;
  return new DataError({
    what: `"${name}" has shape [${dims.join(', ')}]; input "${input.name}" takes ${shapeOf(input)}.`,
    fix: image
      ? 'Give [N, C, H, W] or [N, H, W, C] of that size; only images in a folder are resized.'
      : 'Give an array with the samples along its first dim and the rest as the input has it.',
  });
}

/**
 * @throws {DataError} when mean or std do not fit the channels, or the data's type can't be fed to the input
 */
export function checkNormalization(
  name: string,
  type: DataType,
  input: InputShape,
  samples: SamplePlan,
  { mean, std }: DataOptions,
): void {
  const channels = samples.channelAxis === null ? 1 : (samples.to[samples.channelAxis] ?? 1);
  const takesReals = isFloat(input.dtype) || input.grid != null;
  for (const [option, values] of Object.entries({ mean, std })) {
    if (values === undefined) continue;
    if (!takesReals) {
      throw new DataError({
        what: `--${option} was given, but input "${input.name}" takes ${input.dtype}.`,
        fix: `Leave --${option} out: only float inputs are normalised.`,
      });
    }
    if (values.length !== 1 && values.length !== channels) {
      throw new DataError({
        what: `--${option} has ${values.length} numbers, "${name}" has ${channels} ${channels === 1 ? 'channel' : 'channels'}.`,
        fix: `Give one number, or one for each channel${samples.channelAxis === null ? '' : ', and --layout where the channels stand last'}.`,
      });
    }
  }
  if (isFloat(type) && !takesReals) {
    throw new DataError({
      what: `"${name}" holds ${type}; input "${input.name}" takes ${input.dtype}.`,
      fix: `Save it as ${input.dtype}.`,
    });
  }
}
