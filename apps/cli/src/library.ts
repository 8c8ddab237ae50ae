import {
  type Compressor,
  FormatError,
  type Model,
  type Plugin,
  type ReadOptions,
  type Recipe,
  type RunOptions,
  type RunReport,
  readModel as readWith,
  type Step,
  UnsupportedError,
} from '@espalier/core';
import { createCompressor } from '@espalier/presets';
import { InferenceSession as RuntimeSession, type SessionOptions } from '@espalier/runtime';
import { namedRecipe } from './named-recipe.js';

/** Of a compressor with everything first-party; made when it is first asked for. */
let shared: Compressor | undefined;

function presetCompressor(): Compressor {
  shared ??= createCompressor();
  return shared;
}

/**
 * Reads a model of any first-party format, told by its bytes, and verifies it.
 *
 * @throws {FormatError} when the bytes are damaged or in no known format
 */
export async function readModel(bytes: Uint8Array, options: ReadOptions = {}): Promise<Model> {
  return readWith(presetCompressor().container, bytes, options);
}

/**
 * The bytes of a model file.
 *
 * @param format - name of a format, `espalier` or `onnx`
 * @throws {FormatError} for an unknown name
 */
export function writeModel(model: Model, format = 'espalier'): Uint8Array {
  return encode(presetCompressor(), model, format);
}

function encode(compressor: Compressor, model: Model, name: string): Uint8Array {
  const format = compressor.formats.find((candidate) => candidate.name === name);
  if (format === undefined) {
    const known = compressor.formats.map((candidate) => candidate.name).join(', ');
    throw new FormatError({ what: `There is no format "${name}".`, fix: `Known: ${known}.` });
  }
  if (format.write === undefined) {
    throw new UnsupportedError({
      what: `Format "${name}" can be read, not written.`,
      fix: 'Choose another.',
    });
  }
  return format.write(model);
}

export interface CompressOptions extends RunOptions {
  /** Beside all first-party ones. */
  readonly plugins?: readonly Plugin[];
  /** Format of the bytes. Default `espalier`. */
  readonly format?: string;
}

export interface CompressResult {
  readonly model: Model;
  readonly report: RunReport;
  /** The whole file. */
  readonly bytes: Uint8Array;
}

/**
 * Makes a model smaller: reads it, runs a recipe over it, writes it.
 *
 * @param source - a model, or the bytes of a model file
 * @param recipe - a recipe's name (`int8`, `float16`, `deep-compression`, `smallest`), a recipe, or a list of steps:
 * what plugins give, or names of passes, which then have their defaults
 * @throws {FormatError} when the bytes can't be read; {OptionsError} for an unknown recipe or pass, and what is no step
 * @throws {PassError} when a pass fails
 */
export async function compress(
  source: Model | Uint8Array,
  recipe: string | Recipe | readonly (Step | string)[] = 'deep-compression',
  options: CompressOptions = {},
): Promise<CompressResult> {
  const { plugins = [], format = 'espalier', ...run } = options;
  const compressor = plugins.length === 0 ? presetCompressor() : createCompressor(plugins);
  const model = source instanceof Uint8Array ? await readWith(compressor.container, source) : source;
  const steps = typeof recipe === 'string' ? namedRecipe(compressor, recipe) : recipe;
  const result = await compressor.run(model, steps, run);
  return { ...result, bytes: encode(compressor, result.model, format) };
}

/** A model ready to run, in the shape of onnxruntime-common's InferenceSession. */
export type InferenceSession = RuntimeSession;

/** Makes sessions from a model or from the bytes of any first-party format. */
export const InferenceSession: Readonly<{
  create(source: Model | Uint8Array | ArrayBuffer, options?: SessionOptions): Promise<RuntimeSession>;
}> = {
  create(source, options = {}) {
    return RuntimeSession.create(source, { formats: presetCompressor().formats, ...options });
  },
};
