import { type ByteReader, ByteWriter } from '@espalier/core';
import { decodeMixedSymbols, decodeSteadySymbols } from './decode-symbols.js';
import { checkCount, damaged } from './range-decoder.js';
import { RangeEncoder } from './range-encoder.js';
import { MixedSymbols, SteadySymbols, type SymbolModel, type SymbolRange } from './symbol-model.js';

/** What the symbols of a stream are guessed by: nothing, the two before, or the one before and the one above. */
export type SymbolNeighbours = 'none' | 'before' | 'above';

/** A stream of symbols, and what its reader has to know beside their number. */
export interface CodedSymbols {
  readonly neighbours: SymbolNeighbours;
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

/**
 * Codes symbols by whichever model takes the fewest bytes.
 *
 * @param symbols - at least one
 */
export function encodeSymbols(symbols: Uint8Array, hints: SymbolHints): CodedSymbols {
  const trial = symbols.subarray(0, TRIAL);
  const choices: SymbolNeighbours[] = hints.rowLength > 1 ? ['none', 'before', 'above'] : ['none', 'before'];
  const coded = choices.map((neighbours) => encodeBy(neighbours, symbols, trial, hints));
  const best = coded.reduce((a, b) => (sizeOf(b) < sizeOf(a) ? b : a));
  return trial.length === symbols.length ? best : encodeBy(best.neighbours, symbols, symbols, hints);
}

function sizeOf({ params, payload }: CodedSymbols): number {
  return params.length + payload.length;
}

/** Codes `part` of the symbols, with the parameters that all have. */
function encodeBy(
  neighbours: SymbolNeighbours,
  symbols: Uint8Array,
  part: Uint8Array,
  { centre, rowLength }: SymbolHints,
): CodedSymbols {
  const { least, largest } = bounds(symbols);
  const params = new ByteWriter().u8(least).u8(largest - least);
  if (neighbours !== 'none') params.u8(clampCentre(centre - least));
  if (neighbours === 'above') params.varint(rowLength);
  const range = rangeOf(largest - least + 1, clampCentre(centre - least));
  const model = modelOf(neighbours, range, rowLength);
  const coder = new RangeEncoder();
  for (let i = 0; i < part.length; i++) {
    const symbol = part[i]! - least;
    for (let level = range.levels - 1; level >= 0; level--) {
      const bit = (symbol >> level) & 1;
      coder.encode(bit, model.predict());
      model.update(bit);
    }
  }
  return { neighbours, params: params.finish(), payload: coder.finish() };
}

/** The plain model of a stream: what the fast decoders do in one loop. */
export function modelOf(neighbours: SymbolNeighbours, range: SymbolRange, rowLength: number): SymbolModel {
  if (neighbours === 'none') return new SteadySymbols(range.levels);
  return new MixedSymbols(range, neighbours === 'above' ? rowLength : 0);
}

function rangeOf(count: number, centre: number): SymbolRange {
  return { levels: Math.ceil(Math.log2(count)), count, centre };
}

function clampCentre(centre: number): number {
  return Math.max(0, Math.min(255, centre));
}

function bounds(symbols: Uint8Array): { readonly least: number; readonly largest: number } {
  let least = 255;
  let largest = 0;
  for (let i = 0; i < symbols.length; i++) {
    const symbol = symbols[i]!;
    if (symbol < least) least = symbol;
    if (symbol > largest) largest = symbol;
  }
  // Of no symbols the least would be above the largest.
  return { least: Math.min(least, largest), largest };
}

/** A stream of symbols as it is stored. */
export interface SymbolStream {
  readonly neighbours: SymbolNeighbours;
  readonly least: number;
  readonly range: SymbolRange;
  /** 0 where nothing stands above a symbol. */
  readonly rowLength: number;
}

/** @throws {FormatError} when the parameters or the number of symbols can't be */
export function readSymbolStream(
  neighbours: SymbolNeighbours,
  params: ByteReader,
  payload: Uint8Array,
  count: number,
): SymbolStream {
  const least = params.u8();
  const range = rangeOf(params.u8() + 1, neighbours === 'none' ? 0 : params.u8());
  const rowLength = neighbours === 'above' ? params.varint() : 0;
  if (least + range.count > 256) throw damaged(`its ${range.count} symbols begin at ${least}`);
  if (neighbours === 'above' && (rowLength < 1 || rowLength > count))
    throw damaged(`it has rows of ${rowLength}`);
  if (range.levels > 0) checkCount(count * range.levels, payload.length);
  else if (payload.length > 0) throw damaged('it has bytes, and one symbol only');
  return { neighbours, least, range, rowLength };
}

/** @throws {FormatError} when the stream is damaged */
export function decodeSymbols(
  { neighbours, least, range, rowLength }: SymbolStream,
  payload: Uint8Array,
  count: number,
): Uint8Array {
  const out = new Uint8Array(count);
  if (range.levels > 0) {
    if (neighbours === 'none') decodeSteadySymbols(payload, range.levels, out);
    else decodeMixedSymbols(payload, range, rowLength, out);
  }
  for (let i = 0; i < count; i++) {
    const symbol = out[i]!;
    if (symbol >= range.count) throw damaged(`it holds the symbol ${symbol} of ${range.count}`);
    out[i] = symbol + least;
  }
  return out;
}
