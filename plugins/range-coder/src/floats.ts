import type { ByteReader } from '@espalier/core';
import { checkCount, damaged, RangeDecoder } from './range-decoder.js';
import { RangeEncoder } from './range-encoder.js';
import { SteadySymbols } from './symbol-model.js';

/** How float32 is coded: numbers that rise, by the room between them; any others, by how often each exponent comes. */
export type FloatOrder = 'any' | 'rising';

/** A stream of float32, and what its reader has to know. */
export interface CodedFloats {
  readonly order: FloatOrder;
  readonly params: Uint8Array;
  readonly payload: Uint8Array;
}

/** Sign and exponent of float32. */
const HEAD_BITS = 9;
/** Bits of the mantissa that are guessed too: short ones are a little likelier. */
const GUESSED_BITS = 3;
/** Low bits that are not stored where they are 0 in all values. */
const MOST_SHIFT: number = 32 - HEAD_BITS - GUESSED_BITS;
/** As many as any codebook has: rising numbers without room between them would take no bytes. */
const MOST_RISING: number = 2 ** 16;
/** Uniform numbers are coded in pieces of so many bits. */
const PIECE_BITS = 16;
const PIECE: number = 2 ** PIECE_BITS;

/** Codes float32 bit for bit, NaNs and the sign of zero too. */
export function encodeFloats(values: Float32Array): CodedFloats {
  const keys = keysOf(values);
  const shift = commonZeros(keys);
  const numbers = keys.map((key) => key >>> shift);
  const order: FloatOrder = rises(numbers) ? 'rising' : 'any';
  const coder = new RangeEncoder();
  if (order === 'rising') encodeRising(coder, numbers, 2 ** (32 - shift));
  else encodeAny(coder, numbers, shift);
  return { order, params: Uint8Array.of(shift), payload: coder.finish() };
}

/** How a stream of `count` floats is read: its shift. */
export function readFloatStream(
  order: FloatOrder,
  params: ByteReader,
  payload: Uint8Array,
  count: number,
): number {
  const shift = params.u8();
  if (shift > MOST_SHIFT) throw damaged(`its floats lack ${shift} bits`);
  if (order === 'rising' && count > MOST_RISING) throw damaged(`${count} of its floats rise`);
  checkCount(count * (HEAD_BITS + GUESSED_BITS), payload.length);
  return shift;
}

/** @throws {FormatError} when the stream is damaged */
export function decodeFloats(
  order: FloatOrder,
  shift: number,
  payload: Uint8Array,
  count: number,
): Float32Array {
  const numbers = new Uint32Array(count);
  const coder = new RangeDecoder(payload);
  if (order === 'rising') decodeRising(coder, numbers, 2 ** (32 - shift));
  else decodeAny(coder, numbers, shift);
  coder.finish();
  const out = new Float32Array(count);
  const bits = new Uint32Array(out.buffer);
  for (let i = 0; i < count; i++) bits[i] = bitsOfKey((numbers[i]! << shift) >>> 0, shift);
  return out;
}

/** Numbers that are in the order of the floats: negative ones upside down, positive ones above them. */
function keysOf(values: Float32Array): Uint32Array {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  return bits.map((word) => (word >>> 31 === 1 ? ~word : word | (2 ** 31)));
}

/** The bits of a key; its low `shift` bits, which were cut off, are those of a zero. */
function bitsOfKey(key: number, shift: number): number {
  if (key >>> 31 === 1) return key & 0x7fffffff;
  return ~key & ~(2 ** shift - 1);
}

/** How many low bits are 0 in all values: 13 where they are float16. */
function commonZeros(keys: Uint32Array): number {
  let ones = 0;
  for (const key of keys) ones |= key >>> 31 === 1 ? key : ~key;
  let shift = 0;
  while (shift < MOST_SHIFT && ((ones >>> shift) & 1) === 0) shift++;
  return shift;
}

function rises(numbers: Uint32Array): boolean {
  for (let i = 1; i < numbers.length; i++) if (numbers[i]! <= numbers[i - 1]!) return false;
  return numbers.length > 1 && numbers.length <= MOST_RISING;
}

function encodeAny(coder: RangeEncoder, numbers: Uint32Array, shift: number): void {
  const heads = new SteadySymbols(HEAD_BITS);
  const guessed = new SteadySymbols(GUESSED_BITS);
  const rest = MOST_SHIFT - shift;
  for (const number of numbers) {
    encodeSymbol(coder, heads, number >>> (rest + GUESSED_BITS), HEAD_BITS);
    encodeSymbol(coder, guessed, (number >>> rest) & (2 ** GUESSED_BITS - 1), GUESSED_BITS);
    encodeBelow(coder, number % 2 ** rest, 2 ** rest);
  }
}

function decodeAny(coder: RangeDecoder, numbers: Uint32Array, shift: number): void {
  const heads = new SteadySymbols(HEAD_BITS);
  const guessed = new SteadySymbols(GUESSED_BITS);
  const rest = MOST_SHIFT - shift;
  for (let i = 0; i < numbers.length; i++) {
    const head = decodeSymbol(coder, heads, HEAD_BITS);
    const low = decodeSymbol(coder, guessed, GUESSED_BITS);
    numbers[i] = (head * 2 ** GUESSED_BITS + low) * 2 ** rest + decodeBelow(coder, 2 ** rest);
  }
}

function encodeSymbol(coder: RangeEncoder, model: SteadySymbols, symbol: number, levels: number): void {
  for (let level = levels - 1; level >= 0; level--) {
    const bit = (symbol >> level) & 1;
    coder.encode(bit, model.predict());
    model.update(bit);
  }
}

function decodeSymbol(coder: RangeDecoder, model: SteadySymbols, levels: number): number {
  for (let level = 0; level < levels; level++) model.update(coder.decode(model.predict()));
  return model.symbol;
}

/**
 * Rising numbers from the middle one out: each lies between two that are known, with room for those between.
 *
 * @see Moffat and Stuiver 2000, "Binary Interpolative Coding for Effective Index Compression"
 */
function encodeRising(coder: RangeEncoder, numbers: Uint32Array, total: number): void {
  visitMiddles(numbers.length, total, (at, low, room) => {
    encodeBelow(coder, numbers[at]! - low, room);
    return numbers[at]!;
  });
}

function decodeRising(coder: RangeDecoder, numbers: Uint32Array, total: number): void {
  visitMiddles(numbers.length, total, (at, low, room) => {
    const number = low + decodeBelow(coder, room);
    numbers[at] = number;
    return number;
  });
}

/** Calls `visit` for each of `count` rising numbers below `total`, with the least it can be and how many it can be. */
function visitMiddles(
  count: number,
  total: number,
  visit: (at: number, low: number, room: number) => number,
): void {
  const between = (from: number, to: number, low: number, high: number): void => {
    if (from >= to) return;
    const at = (from + to) >>> 1;
    const least = low + at - from;
    const room = high - (to - 1 - at) - least;
    if (room < 1) throw damaged('its numbers leave no room for those between');
    const number = visit(at, least, room);
    between(from, at, low, number);
    between(at + 1, to, number + 1, high);
  };
  between(0, count, 0, total);
}

/** A number below `total`, 1..2^32: its high piece, then its low one, as if all were as likely. */
function encodeBelow(coder: RangeEncoder, value: number, total: number): void {
  if (total <= PIECE) {
    coder.encodeUniform(value, total);
    return;
  }
  const high = Math.floor(value / PIECE);
  coder.encodeUniform(high, Math.ceil(total / PIECE));
  coder.encodeUniform(value % PIECE, lowTotal(high, total));
}

function decodeBelow(coder: RangeDecoder, total: number): number {
  if (total <= PIECE) return coder.decodeUniform(total);
  const high = coder.decodeUniform(Math.ceil(total / PIECE));
  return high * PIECE + coder.decodeUniform(lowTotal(high, total));
}

/** How many low pieces there are below a high one: fewer in the last. */
function lowTotal(high: number, total: number): number {
  return Math.min(PIECE, total - high * PIECE);
}
