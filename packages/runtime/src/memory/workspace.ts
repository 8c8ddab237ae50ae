import { GEOMETRY_BYTES, type Geometry, geometryWords, type Heap, type Kernels } from '@espalier/kernels';

/** Kernel memory of one plan: its weights, its activations, and scratch that steps share. */
export class Workspace {
  readonly kernels: Kernels;
  readonly heap: Heap;
  readonly #geometry: number;
  #scratch = 0;
  #scratchBytes = 0;

  constructor(kernels: Kernels) {
    this.kernels = kernels;
    this.heap = kernels.heap;
    this.#geometry = this.heap.malloc(GEOMETRY_BYTES);
  }

  /** Writes a geometry where kernels read it; the address is good until the next call. */
  geometry(geometry: Geometry): number {
    this.heap.int32(this.#geometry, GEOMETRY_BYTES / 4).set(geometryWords(geometry));
    return this.#geometry;
  }

  /** At least `bytes` bytes that no step may rely on after it returns. May grow the memory. */
  scratch(bytes: number): number {
    if (bytes > this.#scratchBytes) {
      if (this.#scratchBytes > 0) this.heap.free(this.#scratch);
      this.#scratch = this.heap.malloc(bytes);
      this.#scratchBytes = bytes;
    }
    return this.#scratch;
  }

  /** Whether an array is a view of kernel memory: it goes stale, and must be copied to be kept. */
  owns(data: ArrayBufferView): boolean {
    return data.buffer === this.heap.memory.buffer;
  }
}
