export { type RangeCoderOptions, rangeCoderOptions } from './options.js';
export { rangeCoder } from './plugin.js';
export {
  RangeCodedEncoding,
  type RangeCodedType,
  rangeCoded,
  rangeCodedFloats,
  rangeCodedGaps,
  rangeCoderKind,
} from './range-coded-encoding.js';
export type { SymbolHints } from './symbols.js';
