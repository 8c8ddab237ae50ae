export { espalierFormat } from './format.js';
export { VERSION } from './layout.js';
export { espalier } from './plugin.js';
export { type EspalierReadOptions, readEspalier } from './read/read-espalier.js';
export type { WriteOptions } from './write/header.js';
export { measureEspalier, writeEspalier } from './write/write-espalier.js';
