import type { KernelMemory } from './wasm-types.js';

const PAGE_BYTES = 65536;
const ALIGNMENT = 16;
/** Kernels may read, never write, a few bytes past a tensor: the last one must not stand at the edge of memory. */
const GUARD_BYTES = 64;

interface Span {
  start: number;
  size: number;
}

/**
 * First-fit allocator over a WebAssembly memory. Book-keeping is outside that memory, so a kernel that
 * writes past its output can't break it.
 *
 * Growing detaches every view: take views after the last `malloc`, or take them again.
 */
export class Heap {
  readonly memory: KernelMemory;
  /** Free spans by address; neighbours are always merged. */
  readonly #free: Span[] = [];
  readonly #used: Map<number, number> = new Map();
  #end: number;

  /** @param base - first byte the heap may hand out */
  constructor(memory: KernelMemory, base: number) {
    this.memory = memory;
    this.#end = align(base);
    this.#extend(memory.buffer.byteLength - GUARD_BYTES);
  }

  /** Bytes handed out and not yet freed, rounded up to 16 each. */
  get usedBytes(): number {
    let total = 0;
    for (const size of this.#used.values()) total += size;
    return total;
  }

  /**
   * The address of `sizeBytes` bytes, a multiple of 16. Contents are whatever was there. May grow the memory.
   *
   * @throws {RangeError} when the size is no whole number >= 0 or the memory can't grow that far
   */
  malloc(sizeBytes: number): number {
    if (!Number.isSafeInteger(sizeBytes) || sizeBytes < 0) {
      throw new RangeError(`Can't allocate ${sizeBytes} bytes: the size must be a whole number >= 0.`);
    }
    const size = align(Math.max(sizeBytes, 1));
    let index = this.#free.findIndex((span) => span.size >= size);
    if (index < 0) {
      this.#grow(size);
      index = this.#free.length - 1;
    }
    // In range: found above, or made by #grow.
    const span = this.#free[index]!;
    const start = span.start;
    span.start += size;
    span.size -= size;
    if (span.size === 0) this.#free.splice(index, 1);
    this.#used.set(start, size);
    return start;
  }

  /**
   * Gives back what `malloc` returned.
   *
   * @throws {RangeError} when the address is not one handed out, or was freed before
   */
  free(address: number): void {
    const size = this.#used.get(address);
    if (size === undefined)
      throw new RangeError(`Address ${address} was not allocated here, or was freed before.`);
    this.#used.delete(address);
    this.#release({ start: address, size });
  }

  /** A view of `length` int8 at `address`; detached when the memory grows. */
  int8(address: number, length: number): Int8Array {
    return new Int8Array(this.memory.buffer, address, length);
  }

  /** A view of `length` bytes at `address`; detached when the memory grows. */
  uint8(address: number, length: number): Uint8Array {
    return new Uint8Array(this.memory.buffer, address, length);
  }

  /** A view of `length` int16 at `address`; detached when the memory grows. */
  int16(address: number, length: number): Int16Array {
    return new Int16Array(this.memory.buffer, address, length);
  }

  /** A view of `length` int32 at `address`; detached when the memory grows. */
  int32(address: number, length: number): Int32Array {
    return new Int32Array(this.memory.buffer, address, length);
  }

  /** A view of `length` float32 at `address`; detached when the memory grows. */
  float32(address: number, length: number): Float32Array {
    return new Float32Array(this.memory.buffer, address, length);
  }

  /** Allocates and fills with the bytes of `data`; returns the address. */
  place(data: ArrayBufferView): number {
    const address = this.malloc(data.byteLength);
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    this.uint8(address, data.byteLength).set(bytes);
    return address;
  }

  /** Makes the last free span at least `size` bytes long. */
  #grow(size: number): void {
    // Other code may have grown the memory already.
    this.#extend(this.memory.buffer.byteLength - GUARD_BYTES);
    const last = this.#free.at(-1);
    const tail = last && last.start + last.size === this.#end ? last.size : 0;
    const missing = size - tail;
    if (missing <= 0) return;
    // Half as much again each time keeps the number of growths, each of which may copy, logarithmic.
    const wanted = Math.max(missing, Math.floor(this.memory.buffer.byteLength / 2));
    const grown = this.#tryGrow(wanted) || this.#tryGrow(missing);
    if (!grown) {
      throw new RangeError(
        `Can't allocate ${size} bytes of kernel memory: ${this.usedBytes} are in use and the memory can't grow by ${missing} more.`,
      );
    }
    this.#extend(this.memory.buffer.byteLength - GUARD_BYTES);
  }

  #tryGrow(bytes: number): boolean {
    const pages = Math.ceil(bytes / PAGE_BYTES);
    if (this.memory.buffer.byteLength / PAGE_BYTES + pages > 65536) return false;
    try {
      this.memory.grow(pages);
      return true;
    } catch {
      return false;
    }
  }

  #extend(end: number): void {
    const size = Math.floor((end - this.#end) / ALIGNMENT) * ALIGNMENT;
    if (size <= 0) return;
    const start = this.#end;
    this.#end += size;
    this.#release({ start, size });
  }

  #release(span: Span): void {
    const free = this.#free;
    let index = free.findIndex((other) => other.start > span.start);
    if (index < 0) index = free.length;
    const before = free[index - 1];
    const after = free[index];
    const joinsAfter = after !== undefined && span.start + span.size === after.start;
    if (before !== undefined && before.start + before.size === span.start) {
      before.size += span.size + (joinsAfter ? after.size : 0);
      if (joinsAfter) free.splice(index, 1);
    } else if (joinsAfter) {
      after.start = span.start;
      after.size += span.size;
    } else {
      free.splice(index, 0, span);
    }
  }
}

function align(size: number): number {
  return Math.ceil(size / ALIGNMENT) * ALIGNMENT;
}
