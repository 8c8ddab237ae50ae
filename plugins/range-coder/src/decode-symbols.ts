import { ESTIMATE_ONE, MIX_BITS, MIX_HALF, MIX_RATE, TO_PROBABILITY } from './bit-model.js';
import { MAX_LOG_ODDS, PROBABILITY_BITS, squash, stretch } from './logistic.js';
import { MIN_RANGE, START_RANGE, WINDOW_BYTES } from './range.js';
import { checkEnd, damaged, openWindow } from './range-decoder.js';
import {
  CONTEXTS,
  COUNT_BITS,
  COUNT_LIMIT,
  counters,
  MIXED_LEVELS,
  MIXED_NODES,
  magnitudesOf,
  type SymbolRange,
  shares,
} from './symbol-model.js';

// As in decode-positions.ts: the decoder and the models, written into one loop each. As calls it took 3 times as long.

/** A certainty, in probabilities. */
const ONE: number = 2 ** PROBABILITY_BITS;

/** The symbols of a stream whose upper bits `SteadySymbols` guessed. */
export function decodeSteadySymbols(bytes: Uint8Array, levels: number, raw: number, out: Uint8Array): void {
  const leaves = 1 << levels;
  const tree = counters(leaves);
  const end = bytes.length;
  const most = (1 << raw) - 1;
  let code = openWindow(bytes);
  let range = START_RANGE;
  let next = WINDOW_BYTES;
  for (let i = 0; i < out.length; i++) {
    let node = 1;
    while (node < leaves) {
      const counter = tree[node]!;
      const estimate = counter >> COUNT_BITS;
      const guess = estimate >> TO_PROBABILITY;
      const bound = Math.imul(range >>> PROBABILITY_BITS, guess < 1 ? 1 : guess);
      const below = (code - bound) >> 31;
      range -= bound;
      range += (bound - range) & below;
      code -= bound & ~below;
      while (range < MIN_RANGE) {
        range <<= 8;
        code = (code << 8) | (next < end ? bytes[next]! : 0);
        next++;
      }
      const n = counter & COUNT_LIMIT;
      const step = Math.imul(((below & ESTIMATE_ONE) - estimate) >> 6, shares[n]!) >> 10;
      tree[node] = ((estimate + step) << COUNT_BITS) | (n < COUNT_LIMIT ? n + 1 : n);
      node = 2 * node - below;
    }
    let low = 0;
    if (raw > 0) {
      range >>>= raw;
      low = (code / range) | 0;
      if (low > most) throw damaged('it holds a number that no encoder writes');
      code -= Math.imul(low, range);
      while (range < MIN_RANGE) {
        range <<= 8;
        code = (code << 8) | (next < end ? bytes[next]! : 0);
        next++;
      }
    }
    out[i] = ((node - leaves) << raw) | low;
  }
  checkEnd(next, end);
}

/** The symbols of a stream whose upper bits `MixedSymbols` guessed. */
export function decodeMixedSymbols(
  bytes: Uint8Array,
  symbols: SymbolRange,
  raw: number,
  rowLength: number,
  out: Uint8Array,
): void {
  const leaves = 1 << symbols.levels;
  const all = counters(leaves);
  const near = counters(MIXED_NODES * CONTEXTS);
  const magnitudes = magnitudesOf(symbols);
  const weights = new Int32Array(2 * MIXED_LEVELS).fill(2 ** (MIX_BITS - 1));
  const row = new Uint8Array(rowLength);
  const mixed = Math.min(leaves, MIXED_NODES);
  const end = bytes.length;
  const most = (1 << raw) - 1;
  let code = openWindow(bytes);
  let range = START_RANGE;
  let next = WINDOW_BYTES;
  let column = 0;
  let last = 0;
  let context = 0;
  for (let i = 0; i < out.length; i++) {
    let node = 1;
    for (let at = 0; node < mixed; at += 2) {
      const whole = all[node]!;
      const part = near[context + node]!;
      const a = stretch[whole >> (COUNT_BITS + TO_PROBABILITY)]!;
      const b = stretch[part >> (COUNT_BITS + TO_PROBABILITY)]!;
      const weightAll = weights[at]!;
      const weightNear = weights[at + 1]!;
      let odds = (Math.imul(weightAll, a) + Math.imul(weightNear, b)) >> MIX_BITS;
      if (odds > MAX_LOG_ODDS) odds = MAX_LOG_ODDS;
      else if (odds < -MAX_LOG_ODDS) odds = -MAX_LOG_ODDS;
      const probability = squash[odds + 2048]!;
      const bound = Math.imul(range >>> PROBABILITY_BITS, probability);
      const below = (code - bound) >> 31;
      range -= bound;
      range += (bound - range) & below;
      code -= bound & ~below;
      while (range < MIN_RANGE) {
        range <<= 8;
        code = (code << 8) | (next < end ? bytes[next]! : 0);
        next++;
      }
      const error = Math.imul((below & ONE) - probability, MIX_RATE);
      weights[at] = weightAll + ((Math.imul(a, error) + MIX_HALF) >> MIX_BITS);
      weights[at + 1] = weightNear + ((Math.imul(b, error) + MIX_HALF) >> MIX_BITS);
      const target = below & ESTIMATE_ONE;
      const n = whole & COUNT_LIMIT;
      const ofAll = whole >> COUNT_BITS;
      const stepAll = Math.imul((target - ofAll) >> 6, shares[n]!) >> 10;
      all[node] = ((ofAll + stepAll) << COUNT_BITS) | (n < COUNT_LIMIT ? n + 1 : n);
      const m = part & COUNT_LIMIT;
      const ofNear = part >> COUNT_BITS;
      const stepNear = Math.imul((target - ofNear) >> 6, shares[m]!) >> 10;
      near[context + node] = ((ofNear + stepNear) << COUNT_BITS) | (m < COUNT_LIMIT ? m + 1 : m);
      node = 2 * node - below;
    }
    while (node < leaves) {
      const counter = all[node]!;
      const estimate = counter >> COUNT_BITS;
      const guess = estimate >> TO_PROBABILITY;
      const bound = Math.imul(range >>> PROBABILITY_BITS, guess < 1 ? 1 : guess);
      const below = (code - bound) >> 31;
      range -= bound;
      range += (bound - range) & below;
      code -= bound & ~below;
      while (range < MIN_RANGE) {
        range <<= 8;
        code = (code << 8) | (next < end ? bytes[next]! : 0);
        next++;
      }
      const n = counter & COUNT_LIMIT;
      const step = Math.imul(((below & ESTIMATE_ONE) - estimate) >> 6, shares[n]!) >> 10;
      all[node] = ((estimate + step) << COUNT_BITS) | (n < COUNT_LIMIT ? n + 1 : n);
      node = 2 * node - below;
    }
    let low = 0;
    if (raw > 0) {
      range >>>= raw;
      low = (code / range) | 0;
      if (low > most) throw damaged('it holds a number that no encoder writes');
      code -= Math.imul(low, range);
      while (range < MIN_RANGE) {
        range <<= 8;
        code = (code << 8) | (next < end ? bytes[next]! : 0);
        next++;
      }
    }
    const symbol = node - leaves;
    out[i] = (symbol << raw) | low;
    const magnitude = magnitudes[symbol]!;
    let second = last;
    if (rowLength > 0) {
      row[column] = magnitude;
      column = column + 1 === rowLength ? 0 : column + 1;
      second = row[column]!;
    }
    const group = 2 * magnitude + second;
    context = (group < CONTEXTS ? group : CONTEXTS - 1) * MIXED_NODES;
    last = magnitude;
  }
  checkEnd(next, end);
}
