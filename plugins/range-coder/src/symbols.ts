import { type ByteReader, ByteWriter } from '@espalier/core';
import { decodeMixedSymbols, decodeSteadySymbols } from './decode-symbols.js';
import { checkCount, damaged } from './range-decoder.js';
import { RangeEncoder } from './range-encoder.js';
import { MixedSymbols, SteadySymbols, type SymbolModel, type SymbolRange } from './symbol-model.js';

/** What the symbols of a stream are guessed by: nothing, the two before, or the one before and the one above. */
export type SymbolNeighbours = 'none' | 'before' | 'above';

/** How a stream of symbols is coded. */
export interface SymbolCoding {
  readonly neighbours: SymbolNeighbours;
  /** Low bits of each symbol that are stored as they are, 0..2: of 256 symbols, four next to each other are all as likely. */
  readonly raw: number;
}

/** A stream of symbols, and what its reader has to know beside their number. */
export interface CodedSymbols extends SymbolCoding {
  readonly params: Uint8Array;
  readonly payload: Uint8Array;
}

/** What the writer of symbols knows of them. */
export interface SymbolHints {
  /** The first symbol that stands for a value above zero; 128 where that is not known. */
  readonly centre: number;
  /** Symbols in a row of the tensor; 0 where it has no rows. */
  readonly rowLength: number;
}

/** Streams are tried on so many symbols at most, before all are coded by the model that took the fewest bytes. */
const TRIAL = 2 ** 18;

/** More low bits are never as likely 0 as 1. */
const MOST_RAW = 2;
/** Symbols of no more bits than this are guessed to the last. */
const GUESSED_LEVELS = 5;

/** Codes symbols by whichever model takes the fewest bytes. */
export function encodeSymbols(symbols: Uint8Array, hints: SymbolHints): CodedSymbols {
  const bounds = boundsOf(symbols);
  const trial = symbols.subarray(0, TRIAL);
  const shortest = (a: CodedSymbols, b: CodedSymbols): CodedSymbols => (sizeOf(b) < sizeOf(a) ? b : a);
  const code = (part: Uint8Array, coding: SymbolCoding): CodedSymbols =>
    encodeBy(coding, part, bounds, hints);
  const mostRaw = Math.max(0, Math.min(MOST_RAW, levelsOf(bounds.count) - GUESSED_LEVELS));
  const byRaw = Array.from({ length: mostRaw + 1 }, (_, raw) => code(trial, { neighbours: 'none', raw }));
  const { raw } = byRaw.reduce(shortest);
  const guessed: SymbolNeighbours[] = hints.rowLength > 1 ? ['before', 'above'] : ['before'];
  const best = [...byRaw, ...guessed.map((neighbours) => code(trial, { neighbours, raw }))].reduce(shortest);
  return trial.length === symbols.length ? best : code(symbols, best);
}

function sizeOf({ params, payload }: CodedSymbols): number {
  return params.length + payload.length;
}

/** Codes some of the symbols, with the parameters that all have. */
function encodeBy(
  { neighbours, raw }: SymbolCoding,
  symbols: Uint8Array,
  { least, count }: Bounds,
  { centre, rowLength }: SymbolHints,
): CodedSymbols {
  const params = new ByteWriter().u8(least).u8(count - 1);
  if (neighbours !== 'none') params.u8(clampCentre(centre - least));
  if (neighbours === 'above') params.varint(rowLength);
  const range = guessedRange(count, clampCentre(centre - least), raw);
  const model = modelOf(neighbours, range, rowLength);
  const coder = new RangeEncoder();
  for (let i = 0; i < symbols.length; i++) {
    const symbol = symbols[i]! - least;
    for (let level = range.levels - 1; level >= 0; level--) {
      const bit = (symbol >> (raw + level)) & 1;
      coder.encode(bit, model.predict());
      model.update(bit);
    }
    if (raw > 0) coder.encodeUniform(symbol & ((1 << raw) - 1), 1 << raw);
  }
  return { neighbours, raw, params: params.finish(), payload: coder.finish() };
}

/** The plain model of a stream: what the fast decoders do in one loop. */
export function modelOf(neighbours: SymbolNeighbours, range: SymbolRange, rowLength: number): SymbolModel {
  if (neighbours === 'none') return new SteadySymbols(range.levels);
  return new MixedSymbols(range, neighbours === 'above' ? rowLength : 0);
}

/** What is left of the symbols without their low bits. */
export function guessedRange(count: number, centre: number, raw: number): SymbolRange {
  return { levels: levelsOf(count) - raw, count: ((count - 1) >> raw) + 1, centre: centre >> raw };
}

function levelsOf(count: number): number {
  return Math.ceil(Math.log2(count));
}

function clampCentre(centre: number): number {
  return Math.max(0, Math.min(255, centre));
}

interface Bounds {
  readonly least: number;
  /** From the least to the largest. */
  readonly count: number;
}

function boundsOf(symbols: Uint8Array): Bounds {
  let least = 255;
  let largest = 0;
  for (let i = 0; i < symbols.length; i++) {
    const symbol = symbols[i]!;
    if (symbol < least) least = symbol;
    if (symbol > largest) largest = symbol;
  }
  // Of no symbols the least would be above the largest.
  return least > largest ? { least: 0, count: 1 } : { least, count: largest - least + 1 };
}

/** A stream of symbols as it is stored. */
export interface SymbolStream extends SymbolCoding {
  readonly least: number;
  readonly count: number;
  /** Of what is guessed of a symbol. */
  readonly range: SymbolRange;
  /** 0 where nothing stands above a symbol. */
  readonly rowLength: number;
}

/** @throws {FormatError} when the parameters or the number of symbols can't be */
export function readSymbolStream(
  { neighbours, raw }: SymbolCoding,
  params: ByteReader,
  payload: Uint8Array,
  length: number,
): SymbolStream {
  const least = params.u8();
  const count = params.u8() + 1;
  const centre = neighbours === 'none' ? 0 : params.u8();
  const rowLength = neighbours === 'above' ? params.varint() : 0;
  const levels = levelsOf(count);
  if (least + count > 256) throw damaged(`its ${count} symbols begin at ${least}`);
  if (raw > MOST_RAW || raw > levels) throw damaged(`${raw} of ${levels} bits are stored as they are`);
  if (neighbours === 'above' && (rowLength < 1 || rowLength > length))
    throw damaged(`it has rows of ${rowLength}`);
  if (levels > 0) checkCount(length * levels, payload.length);
  else if (payload.length > 0) throw damaged('it has bytes, and one symbol only');
  return { neighbours, raw, least, count, range: guessedRange(count, centre, raw), rowLength };
}

/** @throws {FormatError} when the stream is damaged */
export function decodeSymbols(stream: SymbolStream, payload: Uint8Array, length: number): Uint8Array {
  const { neighbours, raw, least, count, range, rowLength } = stream;
  const out = new Uint8Array(length);
  if (count > 1) {
    if (neighbours === 'none') decodeSteadySymbols(payload, range.levels, raw, out);
    else decodeMixedSymbols(payload, range, raw, rowLength, out);
  }
  for (let i = 0; i < length; i++) {
    const symbol = out[i]!;
    if (symbol >= count) throw damaged(`it holds the symbol ${symbol} of ${count}`);
    out[i] = symbol + least;
  }
  return out;
}
