import {
  type EncodingKind,
  EspalierError,
  FormatError,
  type Graph,
  inferShapes,
  Model,
  UnsupportedError,
  verify,
} from '@espalier/core';
import { requantizationRules } from '../layout.js';
import { damaged } from './damage.js';
import { type Frame, readFrame } from './frame.js';
import { GraphReader } from './graph.js';
import { NumberReader, takeFrom } from './number-reader.js';
import { readOperators } from './operators.js';
import { readQuantizations } from './quantizations.js';
import { readStored } from './stored.js';
import { TreeReader } from './trees.js';
import { readTypes } from './types.js';

/** What a reader needs beside the bytes. */
export interface EspalierReadOptions {
  /** The kinds that weights may be encoded with: core's and those of plugins. */
  readonly encodings: readonly EncodingKind[];
}

/**
 * The model of an `.espalier` file. Large payloads stay views of `bytes`, which must not be changed
 * while the model is in use.
 *
 * @throws {FormatError} when the bytes are cut, changed, hostile or of a newer version, with the offset
 * @throws {UnsupportedError} when weights have a kind of encoding that is not among `encodings`
 */
export function readEspalier(bytes: Uint8Array, { encodings }: EspalierReadOptions): Model {
  // A plain view: `slice` of a Node Buffer is no copy, and kinds rely on it being one.
  const plain = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const kinds = new Map(encodings.map((kind) => [kind.kind, kind]));
  try {
    return readModel(plain, kinds);
  } catch (error) {
    if (error instanceof FormatError || error instanceof UnsupportedError) throw error;
    // Encodings of plugins and the graph itself have their own words for what contradicts itself.
    const [what] = (error instanceof Error ? error.message : String(error)).split('\n');
    throw damaged(`its content contradicts itself (${what})`, 'bytes behind the header', error);
  }
}

function readModel(bytes: Uint8Array, kinds: ReadonlyMap<string, EncodingKind>): Model {
  const frame = readFrame(bytes);
  const { header, headerOffset } = frame;
  const integers = new NumberReader(header.integers, 'integers', headerOffset);
  const types = readTypes(header, headerOffset);
  const packages = readPackages(frame);
  const trees = new TreeReader({ stored: readStored(bytes, frame), integers, kinds, packages });
  const reader = new GraphReader({ header, headerOffset, types, trees });
  reader.readSources();
  const operators = readOperators({ header, headerOffset, types, trees, integers });
  integers.finish();
  if (trees.left > 0) throw damaged(`${trees.left} encodings belong to nothing`, `byte ${headerOffset}`);
  const graph = reader.readNodes(operators, (unquantized, values) =>
    readQuantizations(header, headerOffset, unquantized, values),
  );
  return modelOf(graph, frame);
}

function modelOf(graph: Graph, { header, headerOffset }: Frame): Model {
  const requantization = takeFrom(
    new NumberReader([header.requantization], 'requantization', headerOffset),
    requantizationRules,
    'requantization rule',
  );
  const numbers = new NumberReader(header.metadata, 'metadata', headerOffset);
  const metadata = new Map<string, string>();
  while (numbers.left > 0) {
    const key = takeFrom(numbers, header.strings, 'string');
    if (metadata.has(key)) throw numbers.error(`two entries are named "${key}"`);
    metadata.set(key, takeFrom(numbers, header.strings, 'string'));
  }
  const model = new Model(graph, { metadata, requantization });
  verify(model);
  fillInTypes(model);
  return model;
}

/** Where the file says that kinds come from. */
function readPackages({ header, headerOffset }: Frame): ReadonlyMap<string, string> {
  const numbers = new NumberReader(header.packages, 'packages', headerOffset);
  const packages = new Map<string, string>();
  while (numbers.left > 0) {
    const kind = takeFrom(numbers, header.strings, 'string');
    packages.set(kind, takeFrom(numbers, header.strings, 'string'));
  }
  return packages;
}

/** Finds the types that the writer left out. */
function fillInTypes(model: Model): void {
  try {
    inferShapes(model, { onContradiction() {} });
  } catch (error) {
    // A node that its operator does not allow: who runs the model refuses it by name, and who only
    // looks at it or at its weights can.
    if (!(error instanceof EspalierError)) throw error;
  }
}
