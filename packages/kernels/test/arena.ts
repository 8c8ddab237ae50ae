import type { Kernels } from '../src/instantiate.js';

/** A typed array class and its instances. */
export type TypedArray =
  | Float32Array
  | Float64Array
  | BigInt64Array
  | Int32Array
  | Int16Array
  | Uint16Array
  | Int8Array
  | Uint8Array;

const GUARD = 64;
const SENTINEL = 0xa5;

interface Output {
  address: number;
  bytes: number;
}

/** Places the arrays of one kernel call, with guards around outputs, and gives all of it back. */
export class Arena<K extends Kernels = Kernels> {
  readonly kernels: K;
  readonly #addresses: number[] = [];
  readonly #outputs: Output[] = [];

  constructor(kernels: K) {
    this.kernels = kernels;
  }

  /** The address of a copy of `data`. */
  input(data: TypedArray): number {
    const address = this.kernels.heap.place(data);
    this.#addresses.push(address);
    return address;
  }

  /** The address of `bytes` bytes filled with a sentinel; writing around them is found by `finish`. */
  output(bytes: number): number {
    const heap = this.kernels.heap;
    const address = heap.malloc(bytes + 2 * GUARD);
    this.#addresses.push(address);
    heap.uint8(address, bytes + 2 * GUARD).fill(SENTINEL);
    this.#outputs.push({ address: address + GUARD, bytes });
    return address + GUARD;
  }

  float32(address: number, length: number): Float32Array {
    return this.kernels.heap.float32(address, length).slice();
  }

  int16(address: number, length: number): Int16Array {
    return new Int16Array(this.kernels.heap.memory.buffer, address, length).slice();
  }

  int8(address: number, length: number): Int8Array {
    return this.kernels.heap.int8(address, length).slice();
  }

  uint8(address: number, length: number): Uint8Array {
    return this.kernels.heap.uint8(address, length).slice();
  }

  /** Throws when a byte around an output was written; frees everything. */
  finish(): void {
    const heap = this.kernels.heap;
    const spoiled = this.#outputs.filter(({ address, bytes }) => {
      const before = heap.uint8(address - GUARD, GUARD);
      const after = heap.uint8(address + bytes, GUARD);
      return [...before, ...after].some((byte) => byte !== SENTINEL);
    });
    for (const address of this.#addresses.splice(0)) heap.free(address);
    this.#outputs.length = 0;
    if (spoiled.length > 0) throw new Error('A kernel wrote outside its output.');
  }
}
