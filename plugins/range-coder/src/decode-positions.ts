import { ESTIMATE_BITS, ESTIMATE_ONE, MIX_BITS, MIX_HALF, MIX_RATE, TO_PROBABILITY } from './bit-model.js';
import { MAX_LOG_ODDS, PROBABILITY_BITS, squash, stretch } from './logistic.js';
import type { PositionStream } from './position-stream.js';
import { MIN_RANGE, START_RANGE, WINDOW_BYTES } from './range.js';
import { checkEnd, damaged, openWindow } from './range-decoder.js';

// What `RangeDecoder` and the models do, in one function each, with all they know in local variables: 1.1 to 1.7 times
// as fast as with calls (Node 20). The tests compare the two.

/** A certainty, in probabilities. */
const ONE: number = 2 ** PROBABILITY_BITS;

/** The gaps of a stream that `SteadyPositions` guessed. */
export function decodeSteadyPositions(
  bytes: Uint8Array,
  { rowLength, length, skip, first }: PositionStream,
  gaps: Uint8Array,
): void {
  const fast = new Int32Array(8).fill(first << (ESTIMATE_BITS - 8));
  const slow = fast.slice();
  const row = new Uint8Array(Math.min(rowLength, length));
  const end = bytes.length;
  let code = openWindow(bytes);
  let range = START_RANGE;
  let next = WINDOW_BYTES;
  let left = 0;
  let run = 0;
  let found = 0;
  for (let start = 0; start < length; start += rowLength) {
    const columns = Math.min(rowLength, length - start);
    for (let column = 0; column < columns; column++) {
      const context = (row[column]! << 2) | left;
      const quick = fast[context]!;
      const steady = slow[context]!;
      const estimate = (quick + steady) >> (TO_PROBABILITY + 1);
      const bound = Math.imul(range >>> PROBABILITY_BITS, estimate < 1 ? 1 : estimate);
      // All ones where the bit is 1: branches on bits that nobody can foretell took a quarter longer.
      const below = (code - bound) >> 31;
      range -= bound;
      range += (bound - range) & below;
      code -= bound & ~below;
      gaps[found] = run;
      found -= below;
      run = (run + 1) & ~below;
      if (run === skip) {
        gaps[found++] = skip;
        run = 0;
      }
      while (range < MIN_RANGE) {
        range <<= 8;
        code = (code << 8) | (next < end ? bytes[next]! : 0);
        next++;
      }
      const target = below & ESTIMATE_ONE;
      fast[context] = quick + ((target - quick) >> 8);
      slow[context] = steady + ((target - steady) >> 11);
      left = ((left << 1) - below) & 3;
      row[column] = -below;
    }
  }
  checkEnd(next, end);
  checkFound(found, gaps);
}

/** The gaps of a stream that `MixedPositions` guessed. */
export function decodeMixedPositions(
  bytes: Uint8Array,
  { rowLength, length, skip, first }: PositionStream,
  gaps: Uint8Array,
): void {
  const fast = new Int32Array(8).fill(first << (ESTIMATE_BITS - 8));
  const slow = fast.slice();
  const row = new Uint8Array(Math.min(rowLength, length));
  const byColumn = new Int32Array(row.length).fill(first << (ESTIMATE_BITS - 8));
  let recent = first << (ESTIMATE_BITS - 8);
  let weightNeighbours = 23_000;
  let weightColumn = 23_000;
  let weightRecent = 23_000;
  const end = bytes.length;
  let code = openWindow(bytes);
  let range = START_RANGE;
  let next = WINDOW_BYTES;
  let left = 0;
  let run = 0;
  let found = 0;
  for (let start = 0; start < length; start += rowLength) {
    const columns = Math.min(rowLength, length - start);
    for (let column = 0; column < columns; column++) {
      const context = (row[column]! << 2) | left;
      const quick = fast[context]!;
      const steady = slow[context]!;
      const ofColumn = byColumn[column]!;
      const a = stretch[(quick + steady) >> (TO_PROBABILITY + 1)]!;
      const b = stretch[ofColumn >> TO_PROBABILITY]!;
      const c = stretch[recent >> TO_PROBABILITY]!;
      let odds =
        (Math.imul(weightNeighbours, a) + Math.imul(weightColumn, b) + Math.imul(weightRecent, c)) >>
        MIX_BITS;
      if (odds > MAX_LOG_ODDS) odds = MAX_LOG_ODDS;
      else if (odds < -MAX_LOG_ODDS) odds = -MAX_LOG_ODDS;
      const probability = squash[odds + 2048]!;
      const bound = Math.imul(range >>> PROBABILITY_BITS, probability);
      // All ones where the bit is 1: branches on bits that nobody can foretell took a quarter longer.
      const below = (code - bound) >> 31;
      range -= bound;
      range += (bound - range) & below;
      code -= bound & ~below;
      gaps[found] = run;
      found -= below;
      run = (run + 1) & ~below;
      if (run === skip) {
        gaps[found++] = skip;
        run = 0;
      }
      while (range < MIN_RANGE) {
        range <<= 8;
        code = (code << 8) | (next < end ? bytes[next]! : 0);
        next++;
      }
      const error = Math.imul((below & ONE) - probability, MIX_RATE);
      weightNeighbours += (Math.imul(a, error) + MIX_HALF) >> MIX_BITS;
      weightColumn += (Math.imul(b, error) + MIX_HALF) >> MIX_BITS;
      weightRecent += (Math.imul(c, error) + MIX_HALF) >> MIX_BITS;
      const target = below & ESTIMATE_ONE;
      fast[context] = quick + ((target - quick) >> 5);
      slow[context] = steady + ((target - steady) >> 8);
      byColumn[column] = ofColumn + ((target - ofColumn) >> 5);
      recent += (target - recent) >> 5;
      left = ((left << 1) - below) & 3;
      row[column] = -below;
    }
  }
  checkEnd(next, end);
  checkFound(found, gaps);
}

/** Writing past the end of a typed array does nothing, so that a damaged stream is found out here. */
function checkFound(found: number, gaps: Uint8Array): void {
  if (found !== gaps.length) throw damaged(`its ${gaps.length} gaps are ${found}`);
}
