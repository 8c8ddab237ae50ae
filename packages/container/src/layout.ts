/** The first four bytes of every file: "ESP" behind a byte that is in no text. */
export const MAGIC: readonly number[] = [0x89, 0x45, 0x53, 0x50];
/** The version this package writes, and the newest it reads. */
export const VERSION = 1;
/** The header is deflated. The only flag there is. */
export const DEFLATED = 1;

/** Payloads of at least this many bytes get a section, a checksum and an alignment of their own. */
export const SECTION_BYTES = 4096;
/** Where such sections begin: the widest element a typed array views has 8 bytes. */
export const ALIGNMENT = 8;
/** Bytes of a CRC-32. */
export const CHECKSUM_BYTES = 4;

// What a reader accepts at most: well above any real network, and little enough that a hostile file
// of a few bytes can't occupy a machine.
export const MAX_HEADER_BYTES: number = 2 ** 24;
export const MAX_NODES: number = 2 ** 18;
export const MAX_VALUES: number = 2 ** 19;
export const MAX_TYPES: number = 2 ** 18;
export const MAX_OPERATORS: number = 2 ** 16;
/** Of all operators together. */
export const MAX_ATTRIBUTES: number = 2 ** 19;
export const MAX_ENCODINGS: number = 2 ** 20;
export const MAX_DEPTH = 32;
export const MAX_RANK = 64;
export const MAX_DIM: number = 2 ** 31 - 1;
/** Elements of one stored tensor. */
export const MAX_ELEMENTS: number = 2 ** 31;
/** Bytes of one payload: its length is an unsigned 32-bit number. */
export const MAX_PAYLOAD_BYTES: number = 2 ** 32 - 1;
/** Deflate makes at most so many bytes of one. */
export const MAX_INFLATION = 1032;

/** Where the payload of an encoding is. */
export const place = {
  /** It has none. */
  none: 0,
  /** In the section that small payloads share. */
  shared: 1,
  /** In a section of its own. */
  own: 2,
  /** Integers of the header, of the type the encoding decodes to. */
  integers: 3,
} as const;

export type Place = (typeof place)[keyof typeof place];

/** Attribute types in the order of their numbers in the file. */
export const attributeTypes = ['int', 'float', 'string', 'tensor', 'ints', 'floats', 'strings'] as const;
/** Requantization rules in the order of their numbers in the file. */
export const requantizationRules = ['onnx', 'tflite', 'tflite-double'] as const;

/** The next offset at or after `offset` where a section may begin. */
export function aligned(offset: number): number {
  return Math.ceil(offset / ALIGNMENT) * ALIGNMENT;
}
