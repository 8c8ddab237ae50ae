const IMPORT_SECTION = 2;
const FUNCTION = 0;
const TABLE = 1;
const MEMORY = 2;
const GLOBAL = 3;
/** The limits flags of a memory: bit 0 says that it has a maximum, bit 1 that it is shared. */
const HAS_MAXIMUM = 1;
const SHARED = 2;

/**
 * A kernel binary that takes a shared memory, made from the one that does not: the limits of the memory it imports
 * say `shared`, everything else stays. Kernels hold no atomic instructions (threads wait in JavaScript), so one text
 * serves both, and threads cost no bytes of download. A test holds it to what the compiler makes for a shared memory.
 *
 * @throws {TypeError} when the binary imports no memory that has a maximum
 */
export function withSharedMemory(binary: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const at = memoryFlags(binary);
  const shared = binary.slice();
  shared[at] = HAS_MAXIMUM | SHARED;
  return shared;
}

/** Where the limits flags of the imported memory are. */
function memoryFlags(binary: Uint8Array): number {
  const reader = new Reader(binary, 8);
  while (reader.at < binary.length) {
    const section = reader.byte();
    const end = reader.number() + reader.at;
    if (section === IMPORT_SECTION) {
      const at = findMemory(reader);
      if (at !== null && binary[at] === HAS_MAXIMUM) return at;
    }
    reader.at = end;
  }
  throw new TypeError('The kernel binary imports no memory with a maximum: build it again.');
}

function findMemory(reader: Reader): number | null {
  for (let count = reader.number(); count > 0; count--) {
    reader.skip(reader.number());
    reader.skip(reader.number());
    const kind = reader.byte();
    if (kind === MEMORY) return reader.at;
    if (kind === FUNCTION) reader.number();
    else if (kind === GLOBAL) reader.skip(2);
    else if (kind === TABLE) {
      reader.skip(1);
      const flags = reader.byte();
      reader.number();
      if ((flags & HAS_MAXIMUM) !== 0) reader.number();
    } else return null;
  }
  return null;
}

/** Reads bytes and LEB128 numbers of a WebAssembly binary. */
class Reader {
  at: number;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes;
    this.at = at;
  }

  byte(): number {
    const byte = this.#bytes[this.at++];
    if (byte === undefined) throw new TypeError('The kernel binary is cut short: build it again.');
    return byte;
  }

  number(): number {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.byte();
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value >>> 0;
    }
  }

  skip(bytes: number): void {
    this.at += bytes;
  }
}
