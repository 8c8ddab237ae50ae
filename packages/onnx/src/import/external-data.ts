import { FormatError, type ReadOptions } from '@espalier/core';
import { type TensorProto, TensorProto_DataLocation } from '../gen/onnx_pb.js';

/** Files beside the model, each read once. */
export type ExternalFiles = ReadonlyMap<string, Uint8Array>;

export function isExternal(tensor: TensorProto): boolean {
  return tensor.dataLocation === TensorProto_DataLocation.EXTERNAL;
}

/**
 * Reads every file that the tensors name.
 *
 * @throws {FormatError} when a location leaves the model's folder, or no reader was given
 */
export async function readExternalFiles(
  tensors: Iterable<TensorProto>,
  read: ReadOptions['readBeside'],
): Promise<ExternalFiles> {
  const files = new Map<string, Uint8Array>();
  for (const tensor of tensors) {
    if (!isExternal(tensor)) continue;
    const location = locationOf(tensor);
    if (files.has(location)) continue;
    if (read === undefined) {
      throw new FormatError({
        what: `The weights are in another file, "${location}".`,
        where: `tensor "${tensor.name}"`,
        fix: 'Pass `readBeside`, a function that returns the bytes of that file.',
      });
    }
    files.set(location, await read(location));
  }
  return files;
}

/**
 * The bytes that an external tensor names.
 *
 * @throws {FormatError} when offset and length are no numbers or go beyond the file
 */
export function externalBytes(tensor: TensorProto, files: ExternalFiles): Uint8Array {
  const location = locationOf(tensor);
  const file = files.get(location) ?? new Uint8Array();
  const offset = naturalNumber(tensor, 'offset') ?? 0;
  const length = naturalNumber(tensor, 'length') ?? file.length - offset;
  if (offset > file.length || length < 0 || length > file.length - offset) {
    throw new FormatError({
      what: `The tensor wants ${length} bytes at byte ${offset} of "${location}", which has ${file.length}.`,
      where: `tensor "${tensor.name}"`,
      fix: 'Get the file with the weights again; it must belong to this model.',
    });
  }
  return file.subarray(offset, offset + length);
}

function entry(tensor: TensorProto, key: string): string | undefined {
  return tensor.externalData.find((candidate) => candidate.key === key)?.value;
}

function naturalNumber(tensor: TensorProto, key: string): number | undefined {
  const text = entry(tensor, key);
  if (text === undefined || text === '') return undefined;
  const value = /^\d{1,16}$/.test(text) ? Number(text) : NaN;
  if (!Number.isSafeInteger(value)) {
    throw new FormatError({
      what: `The ${key} of an external tensor is "${text.slice(0, 40)}".`,
      where: `tensor "${tensor.name}"`,
      fix: 'It must be a natural number.',
    });
  }
  return value;
}

function locationOf(tensor: TensorProto): string {
  const location = entry(tensor, 'location') ?? '';
  const parts = location.split(/[/\\]/);
  const isRelative = location !== '' && parts[0] !== '' && !/^[a-zA-Z][a-zA-Z0-9+.-]*:/.test(location);
  if (!isRelative || parts.includes('..') || location.includes('\0')) {
    throw new FormatError({
      what: `The location of external weights, "${location.slice(0, 200)}", leaves the model's folder.`,
      where: `tensor "${tensor.name}"`,
      fix: 'Only relative paths inside the folder of the model are read.',
    });
  }
  return location;
}
