import { type ByteReader, ByteWriter } from '@espalier/core';
import type { BitModel } from './bit-model.js';
import { decodeMixedPositions, decodeSteadyPositions } from './decode-positions.js';
import { MixedPositions, SteadyPositions } from './position-model.js';
import type { PositionStream } from './position-stream.js';
import { checkCount, damaged } from './range-decoder.js';
import { RangeEncoder } from './range-encoder.js';

/** How positions are guessed: by their neighbours, or by these, their column and what was just before, mixed. */
export type PositionModel = 'steady' | 'mixed';

/** A map of kept places, and what its reader has to know. */
export interface CodedPositions {
  readonly model: PositionModel;
  readonly params: Uint8Array;
  readonly payload: Uint8Array;
}

/** As for symbols: the models are tried on so many places. */
const TRIAL = 2 ** 19;

/** Codes which places are kept, one bit for each, by whichever model takes the fewest bytes. */
export function encodePositions(
  gaps: Uint8Array,
  length: number,
  rowLength: number,
  skip: number,
): CodedPositions {
  const kept = keptMap(gaps, length, skip);
  const count = gaps.length === 0 ? 0 : countOnes(kept);
  const first = Math.max(1, Math.min(255, Math.round((256 * count) / Math.max(1, length))));
  const stream = { length, rowLength: Math.max(1, Math.min(rowLength, length)), skip, first };
  const trial = kept.subarray(0, TRIAL);
  const steady = encodeMap(trial, newPositionModel('steady', stream));
  const mixed = encodeMap(trial, newPositionModel('mixed', stream));
  const model = mixed.length < steady.length ? 'mixed' : 'steady';
  const best = model === 'mixed' ? mixed : steady;
  const payload = trial.length === length ? best : encodeMap(kept, newPositionModel(model, stream));
  const params = new ByteWriter().u8(skip).u8(first).varint(stream.rowLength).varint(length).finish();
  return { model, params, payload };
}

/** The plain model of a map: what the fast decoders do in one loop. */
export function newPositionModel(model: PositionModel, { rowLength, first }: PositionStream): BitModel {
  return model === 'mixed' ? new MixedPositions(rowLength, first) : new SteadyPositions(rowLength, first);
}

function encodeMap(kept: Uint8Array, model: BitModel): Uint8Array {
  const coder = new RangeEncoder();
  for (let i = 0; i < kept.length; i++) {
    const bit = kept[i]!;
    coder.encode(bit, model.predict());
    model.update(bit);
  }
  return coder.finish();
}

/** A 1 for each place that the gaps keep. */
function keptMap(gaps: Uint8Array, length: number, skip: number): Uint8Array {
  const kept = new Uint8Array(length);
  let place = 0;
  for (let i = 0; i < gaps.length; i++) {
    const gap = gaps[i]!;
    place += gap;
    if (gap !== skip) kept[place++] = 1;
  }
  return kept;
}

function countOnes(kept: Uint8Array): number {
  let count = 0;
  for (let i = 0; i < kept.length; i++) count += kept[i]!;
  return count;
}

/** @throws {FormatError} when the parameters or the number of gaps can't be */
export function readPositionStream(
  params: ByteReader,
  payload: Uint8Array,
  gapCount: number,
): PositionStream {
  const skip = params.u8();
  const first = params.u8();
  const rowLength = params.varint();
  const length = params.varint();
  if (skip < 1 || first < 1)
    throw damaged(`its gaps are up to ${skip}, its first probability is ${first} / 256`);
  if (rowLength < 1 || rowLength > Math.max(1, length)) throw damaged(`it has rows of ${rowLength}`);
  // Gaps reach to the end, less than `skip` short of it.
  if (gapCount > length || gapCount * (skip + 1) + skip < length) {
    throw damaged(`${gapCount} gaps can't reach over ${length} places`);
  }
  checkCount(length, payload.length);
  return { length, rowLength, skip, first };
}

/** @throws {FormatError} when the stream is damaged */
export function decodePositions(
  model: PositionModel,
  stream: PositionStream,
  payload: Uint8Array,
  gapCount: number,
): Uint8Array {
  const gaps = new Uint8Array(gapCount);
  if (model === 'mixed') decodeMixedPositions(payload, stream, gaps);
  else decodeSteadyPositions(payload, stream, gaps);
  return gaps;
}
