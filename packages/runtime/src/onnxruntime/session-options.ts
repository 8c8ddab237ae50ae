import { type Format, UnsupportedError } from '@espalier/core';
import type { InferenceSession } from 'onnxruntime-common';
import type { SessionOptions } from '../session/inference-session.js';
import { beside, loadBytes } from './load-bytes.js';

type OrtOptions = InferenceSession.SessionOptions;
type ExternalData = NonNullable<OrtOptions['externalData']>[number];

/**
 * What a session of ours makes of the options of onnxruntime-common. Hints about how to compute
 * (graphOptimizationLevel, executionMode, arenas, logging, `extra`) change nothing: there is one plan, and it is optimised.
 *
 * @param location - where the model was loaded from; null where its bytes were passed
 * @throws {UnsupportedError} for an option that asks for a result which there is none of here
 */
export function sessionOptions(
  options: OrtOptions,
  formats: readonly Format[],
  location: string | null,
): SessionOptions {
  refuseUnsupported(options);
  const { freeDimensionOverrides, externalData, intraOpNumThreads = 0 } = options;
  return {
    formats,
    readBeside: (name) => readBeside(name, externalData ?? [], location),
    // 0 leaves the number to the runtime, as it does in ONNX Runtime: one.
    ...(intraOpNumThreads === 0 ? {} : { threads: intraOpNumThreads }),
    ...(location === null ? {} : { name: location }),
    ...(freeDimensionOverrides === undefined ? {} : { freeDimensionOverrides }),
    ...(asksForFastMath(options) ? { fastMath: true } : {}),
  };
}

/** `{ name: 'espalier', fastMath: true }` among the providers; their type knows the options of no provider of others. */
function asksForFastMath({ executionProviders = [] }: OrtOptions): boolean {
  const ours = executionProviders.find((one) => typeof one === 'object' && one.name === 'espalier');
  return typeof ours === 'object' && Reflect.get(ours, 'fastMath') === true;
}

function refuseUnsupported({ preferredOutputLocation, optimizedModelFilePath }: OrtOptions): void {
  const locations =
    typeof preferredOutputLocation === 'object'
      ? Object.values(preferredOutputLocation)
      : [preferredOutputLocation ?? 'cpu'];
  const elsewhere = locations.find((wanted) => wanted !== 'cpu');
  if (elsewhere !== undefined) {
    throw new UnsupportedError({
      what: `Espalier leaves outputs in memory, not in "${elsewhere}".`,
      where: 'preferredOutputLocation',
      fix: 'Leave the option out.',
    });
  }
  if (optimizedModelFilePath !== undefined) {
    throw new UnsupportedError({
      what: 'Espalier writes no optimised model from a session.',
      where: 'optimizedModelFilePath',
      fix: 'Write one with `espalier compress`, or leave the option out.',
    });
  }
}

/** The bytes of a file with weights: one of `externalData`, or one beside the model. */
async function readBeside(
  name: string,
  given: readonly ExternalData[],
  location: string | null,
): Promise<Uint8Array> {
  const found = given.find((file) => pathOf(file) === name || pathOf(file) === `./${name}`);
  if (found === undefined) return loadBytes(beside(location ?? '', name));
  if (typeof found === 'string') return loadBytes(beside(location ?? '', found));
  const { data } = found;
  if (typeof data === 'string') return loadBytes(data);
  if (data instanceof Uint8Array) return data;
  return new Uint8Array(data instanceof Blob ? await data.arrayBuffer() : data);
}

function pathOf(file: ExternalData): string {
  return typeof file === 'string' ? file : file.path;
}
