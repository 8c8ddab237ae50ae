import { realpath } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import {
  type Compressor,
  detectFormat,
  EspalierError,
  FileError,
  FormatError,
  formatForName,
  type Model,
  readModel,
  UnsupportedError,
  type WriteOptions,
} from '@espalier/core';
import { readWhole, unreadable } from './data/byte-source.js';
import type { InputShape } from './data/sample-plan.js';
import { gridOfInput } from './real-ends.js';

/** A model and the file it came from. */
export interface ModelFile {
  readonly path: string;
  /** Name without folders. */
  readonly name: string;
  /** Of the format. */
  readonly format: string;
  /** Of the file itself; external data beside it are counted in `externalBytes`. */
  readonly fileBytes: number;
  readonly externalBytes: number;
  readonly model: Model;
}

/** Bytes of all files of a model. */
export function sizeOf({ fileBytes, externalBytes }: ModelFile): number {
  return fileBytes + externalBytes;
}

/**
 * Reads a model of any registered format.
 *
 * @throws {FileError} when it can't be opened; every error names the file
 */
export async function readModelFile(compressor: Compressor, path: string): Promise<ModelFile> {
  const bytes = await readWhole(path);
  const external = new Map<string, number>();
  const readBeside = async (location: string): Promise<Uint8Array> => {
    const data = await readWhole(await besideModel(path, location));
    external.set(location, data.length);
    return data;
  };
  try {
    const format = detectFormat(compressor.container, bytes, path).name;
    const model = await readModel(compressor.container, bytes, { name: path, readBeside });
    const externalBytes = [...external.values()].reduce((sum, size) => sum + size, 0);
    return { path, name: basename(path), format, fileBytes: bytes.length, externalBytes, model };
  } catch (error) {
    throw withFile(error, path);
  }
}

/** The path of an external file, which must not leave the model's folder, not even through a link. */
async function besideModel(path: string, location: string): Promise<string> {
  const target = join(dirname(path), location);
  const real = await realpath(target).catch((error: unknown) => {
    throw unreadable(target, error);
  });
  const inside = relative(await realpath(dirname(path)), real);
  if (inside.startsWith('..') || inside === '' || join('/', inside) === inside) {
    throw new FileError({
      what: `External data "${location}" lie outside the model's folder.`,
      where: path,
      fix: 'Put them beside the model: only files in its folder are read.',
    });
  }
  return target;
}

/** The same error, with the file it is about and a remedy. */
function withFile(error: unknown, path: string): unknown {
  if (!(error instanceof EspalierError)) return error;
  const named = error.what.includes(path) || error.where?.includes(path);
  if (named && error.fix !== undefined) return error;
  const where = named ? error.where : error.where === undefined ? path : `${path}, ${error.where}`;
  return new EspalierError(error.code, {
    what: error.what,
    ...(where === undefined ? {} : { where }),
    fix: error.fix ?? 'Get the model again, or export it anew.',
    cause: error,
  });
}

/** A format that models can be written in. */
export interface WritableFormat {
  readonly name: string;
  /** @param source - the file that the model's weights are read from, for errors */
  write(model: Model, source: string, options?: WriteOptions): Uint8Array;
}

/**
 * The format that a file of this name will have.
 *
 * @throws {FormatError} for an unknown extension, {UnsupportedError} for a format that is only read
 */
export function writableFormat(compressor: Compressor, path: string): WritableFormat {
  const format = formatForName(compressor.container, path);
  if (format.write === undefined) {
    throw new UnsupportedError({
      what: `Files of format ${format.name} can be read, not written.`,
      where: path,
      fix: 'Choose another extension: "espalier plugins" lists the formats.',
    });
  }
  const write = (model: Model, source: string, options?: WriteOptions): Uint8Array => {
    try {
      return format.write?.(model, options) ?? new Uint8Array();
    } catch (error) {
      // Weights are decoded as they are written: what is damaged then is the file that they are read from.
      throw withFile(error, error instanceof FormatError ? source : path);
    }
  };
  return { name: format.name, write };
}

/** What the model's inputs take. */
export function inputShapes({ graph }: Model): readonly InputShape[] {
  return graph.inputs.map((input) => ({
    name: input.name,
    dtype: input.type?.dtype ?? 'float32',
    dims: input.type?.dims ?? null,
    grid: gridOfInput(graph, input),
  }));
}
