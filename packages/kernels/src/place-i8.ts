import type { Heap } from './heap.js';
import type { KernelFunctions } from './kernel-functions.js';
import { type ConvI8Weights, packConvI8 } from './pack-conv.js';
import { type GemmI8Weights, packGemmI8 } from './pack-gemm.js';
import { PANEL } from './panel.js';
import { interleave, type MakeRoom, type PanelRoom } from './panel-i8.js';
import type { WeightFormat } from './weight-format.js';

/** What packs in kernel memory: any `Kernels`. */
export interface PackingKernels extends Pick<KernelFunctions, 'packColumnsI8' | 'transposeF32'> {
  readonly heap: Heap;
}

/**
 * `heap.place(packConvI8(weights, format))` in a third of the time where a session is made: kernels put the panels
 * together in place, and JavaScript, which is not yet compiled then, moves whole columns at most.
 *
 * @returns the address, to be freed
 * @throws {RangeError} as `packConvI8` does, and when the memory can't grow that far
 */
export function placeConvI8(kernels: PackingKernels, weights: ConvI8Weights, format?: WeightFormat): number {
  return place(kernels, (make) => packConvI8(weights, format, make));
}

/** The same of `packGemmI8`. */
export function placeGemmI8(kernels: PackingKernels, weights: GemmI8Weights, format?: WeightFormat): number {
  return place(kernels, (make) => packGemmI8(weights, format, make));
}

/** A room in which nothing is put together any more. */
function filled(packed: Uint8Array): PanelRoom {
  return { packed, values: new Int8Array(), interleave() {}, isFilled: true };
}

function place(kernels: PackingKernels, pack: (make: MakeRoom) => Uint8Array): number {
  const { heap } = kernels;
  const taken: number[] = [];
  const malloc = (sizeBytes: number): number => {
    const address = heap.malloc(sizeBytes);
    taken.push(address);
    return address;
  };
  const make: MakeRoom = (sizeBytes, steps, format, stack) => {
    const address = malloc(sizeBytes);
    if (stack !== null) {
      const from = heap.place(stack.data);
      taken.push(from);
      kernels.packColumnsI8(stack.n, stack.k, from, format.code, steps, address);
      return filled(heap.uint8(address, sizeBytes));
    }
    const length = PANEL * steps * format.rows;
    const columns = malloc(length * format.bytes);
    // Views are taken last: memory that grows leaves older ones behind.
    const packed = heap.uint8(address, sizeBytes);
    const values = format.bytes === 1 ? heap.int8(columns, length) : heap.int16(columns, length);
    values.fill(0);
    // A panel is a transposed matrix of 8 columns, of steps of 4 bytes mostly.
    const byKernel = format.rows * format.bytes === 4;
    return {
      packed,
      values,
      interleave: (at) =>
        byKernel
          ? kernels.transposeF32(1, PANEL, steps, columns, address + at)
          : interleave(packed, at, values, steps, format),
    };
  };
  let kept: number | undefined;
  try {
    pack(make);
    kept = taken[0];
  } finally {
    for (const address of taken) if (address !== kept) heap.free(address);
  }
  // Made: packing without an error asks for room once.
  return kept!;
}
