import { ByteReader, ByteWriter, DataError, FormatError } from '@espalier/core';
import type { Constraint } from '../network/constraint.js';
import type { SavedAverage } from '../network/weight-average.js';

/** A weight as it stands in the middle of a run. */
export interface SavedParameter {
  readonly name: string;
  readonly constraint: Constraint | null;
  /** As `Parameter.readTrained` gives it. */
  readonly trained: Float32Array;
  /** What the optimizer keeps for it. */
  readonly slots: readonly Float32Array[];
}

/** Where a call of `fit` stands. */
export interface Position {
  /** Epochs of this call that are done. */
  readonly epoch: number;
  /** Batches of the epoch that are done. */
  readonly batch: number;
  /** Of the samples of the epoch so far. */
  readonly loss: number;
  readonly right: number;
  readonly count: number;
}

/** Where a trainer stands. */
export interface RunState {
  /** Steps of all runs so far. */
  readonly step: number;
  /** Epochs of all runs so far. */
  readonly epoch: number;
  readonly position: Position;
}

/** All that decides how a run goes on. */
export interface SavedRun extends RunState {
  /** What the trainer was made of, as text: another one is refused. */
  readonly fingerprint: string;
  /** The mean of weights so far. */
  readonly average: SavedAverage | null;
  readonly parameters: readonly SavedParameter[];
}

const MAGIC = 'ESPTRAIN';
const VERSION = 2;

export function writeCheckpoint(run: SavedRun): Uint8Array {
  const writer = new ByteWriter();
  const encoder = new TextEncoder();
  const text = (value: string): void => {
    const bytes = encoder.encode(value);
    writer.varint(bytes.length).bytes(bytes);
  };
  writer.bytes(encoder.encode(MAGIC)).varint(VERSION);
  text(run.fingerprint);
  const { epoch, batch, loss, right, count } = run.position;
  for (const number of [run.step, run.epoch, epoch, batch, right, count]) writer.varint(number);
  floats(writer, Float64Array.of(loss));
  writer.varint(run.parameters.length);
  for (const { name, constraint, trained, slots } of run.parameters) {
    text(name);
    writeConstraint(writer, constraint);
    for (const array of [trained, ...slots]) {
      writer.varint(array.length);
      floats(writer, array);
    }
  }
  writeAverage(writer, text, run.average);
  return writer.finish();
}

/**
 * @param fingerprint - of the trainer that goes on
 * @param slots - arrays that its optimizer keeps
 * @throws {FormatError} when the bytes are no checkpoint, or cut
 * @throws {DataError} when it is one of another trainer
 */
export function readCheckpoint(bytes: Uint8Array, fingerprint: string, slots: number): SavedRun {
  const reader = new ByteReader(bytes, 'checkpoint');
  const decoder = new TextDecoder();
  if (bytes.length < MAGIC.length || decoder.decode(reader.bytes(MAGIC.length)) !== MAGIC) {
    throw new FormatError({
      what: 'The bytes are no checkpoint of a training run.',
      fix: 'Give what trainer.checkpoint() returned.',
    });
  }
  const version = reader.varint();
  if (version !== VERSION) {
    throw new FormatError({
      what: `The checkpoint has version ${version}, this program reads version ${VERSION}.`,
      fix: 'Go on with the program that wrote it.',
    });
  }
  const text = (): string => decoder.decode(reader.bytes(reader.varint()));
  const found = text();
  if (found !== fingerprint) {
    throw new DataError({
      what: 'The checkpoint is of another model, or of a trainer with other options.',
      where: difference(found, fingerprint),
      fix: 'Make the trainer as the one that was interrupted was made.',
    });
  }
  const [step, runEpoch, epoch, batch, right, count] = Array.from({ length: 6 }, () => reader.varint());
  const [loss = 0] = readFloats64(reader, 1);
  const parameters = Array.from({ length: reader.varint() }, (): SavedParameter => {
    const name = text();
    const constraint = readConstraint(reader);
    const [trained = new Float32Array(), ...kept] = Array.from({ length: 1 + slots }, () =>
      readFloats(reader),
    );
    return { name, constraint, trained, slots: kept };
  });
  const position = { epoch: epoch ?? 0, batch: batch ?? 0, loss, right: right ?? 0, count: count ?? 0 };
  const average = readAverage(reader, text);
  return { fingerprint, step: step ?? 0, epoch: runEpoch ?? 0, position, average, parameters };
}

/** The first entry in which two fingerprints differ. */
function difference(found: string, expected: string): string {
  const lines = expected.split('\n');
  const at = found.split('\n').findIndex((line, i) => line !== lines[i]);
  return `"${found.split('\n')[at] ?? ''}" there, "${lines[at] ?? ''}" here`;
}

function writeAverage(writer: ByteWriter, text: (value: string) => void, average: SavedAverage | null): void {
  writer.varint(average?.sums.size ?? 0);
  if (average === null) return;
  floats(writer, Float64Array.of(average.total));
  for (const [name, sum] of average.sums) {
    text(name);
    writer.varint(sum.length);
    floats(writer, sum);
  }
}

function readAverage(reader: ByteReader, text: () => string): SavedAverage | null {
  const count = reader.varint();
  if (count === 0) return null;
  const [total = 0] = readFloats64(reader, 1);
  const sums = new Map<string, Float64Array>();
  for (let i = 0; i < count; i++) sums.set(text(), readFloats64(reader, reader.varint()));
  return { total, sums };
}

/** Kinds of constraints as they are stored. */
const FREE = 0;
const MASK = 1;
const REVIVABLE = 2;
const CLUSTERS = 3;

function writeConstraint(writer: ByteWriter, constraint: Constraint | null): void {
  if (constraint === null) {
    writer.u8(FREE);
  } else if ('mask' in constraint) {
    writer.u8(constraint.revivable === true ? REVIVABLE : MASK).varint(constraint.mask.length);
    writer.bytes(constraint.mask);
  } else {
    const { indices, centroids, zero } = constraint;
    writer.u8(CLUSTERS).varint(zero === undefined ? 0 : zero + 1);
    writer.varint(centroids.length);
    floats(writer, centroids);
    writer.varint(indices.length);
    for (const index of indices) writer.varint(index);
  }
}

function readConstraint(reader: ByteReader): Constraint | null {
  const kind = reader.u8();
  if (kind === FREE) return null;
  if (kind === MASK || kind === REVIVABLE) {
    return { mask: reader.bytes(reader.varint()).slice(), revivable: kind === REVIVABLE };
  }
  if (kind !== CLUSTERS) throw reader.error(`${kind} is no kind of constraint`);
  const zero = reader.varint();
  const centroids = readFloats(reader);
  const length = reader.varint();
  if (length > reader.left) throw reader.error(`${length} indices are announced`);
  const indices = Uint16Array.from({ length }, () => reader.varint());
  return zero === 0 ? { indices, centroids } : { indices, centroids, zero: zero - 1 };
}

/** Little-endian on every machine. */
function floats(writer: ByteWriter, values: Float32Array | Float64Array): void {
  const view = new DataView(new ArrayBuffer(values.byteLength));
  for (const [i, value] of values.entries()) {
    if (values instanceof Float32Array) view.setFloat32(i * 4, value, true);
    else view.setFloat64(i * 8, value, true);
  }
  writer.bytes(new Uint8Array(view.buffer));
}

function readFloats(reader: ByteReader): Float32Array {
  const length = reader.varint();
  const bytes = reader.bytes(length * 4);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Float32Array.from({ length }, (_, i) => view.getFloat32(i * 4, true));
}

function readFloats64(reader: ByteReader, length: number): Float64Array {
  const bytes = reader.bytes(length * 8);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Float64Array.from({ length }, (_, i) => view.getFloat64(i * 8, true));
}
