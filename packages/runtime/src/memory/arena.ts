import type { Heap } from '@espalier/kernels';

/** One region of kernel memory that the runs of a plan share, one after the other: it holds nothing between them. */
export class Arena {
  /** Changes whenever the region has moved. */
  version = 0;
  readonly #heap: Heap;
  #address = 0;
  #sizeBytes = 0;

  constructor(heap: Heap) {
    this.#heap = heap;
  }

  get address(): number {
    return this.#address;
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /** Makes it at least `sizeBytes` long. */
  reserve(sizeBytes: number): void {
    if (sizeBytes <= this.#sizeBytes) return;
    this.drop();
    this.#address = this.#heap.malloc(sizeBytes);
    this.#sizeBytes = sizeBytes;
    this.version++;
  }

  /** Gives the region back until the next `reserve`. */
  drop(): void {
    if (this.#sizeBytes > 0) this.#heap.free(this.#address);
    this.#sizeBytes = 0;
  }
}
