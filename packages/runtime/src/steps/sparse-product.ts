import type { Value } from '@espalier/core';
import {
  packSparseF32,
  packSparseI8,
  packSparseVectorF32,
  packSparseVectorI8,
  SPARSE_BLOCK_ROWS,
  type SparseColumns,
  type SparseForm,
  sparseGemmF32ScratchBytes,
  sparseGemmI8ScratchBytes,
  sparseLimit,
} from '@espalier/kernels';
import type { Job } from '../plan/job.js';
import type { Address } from '../tape/block.js';
import type { Recorder } from '../tape/recorder.js';
import { float32Multipliers, type IntegerProduct } from './integer-weights.js';

type ElementType = 'float32' | 'int8';

const kernels = {
  float32: { rows: 'sparseGemmF32', vector: 'sparseGemvF32', bytes: 4, scratch: sparseGemmF32ScratchBytes },
  int8: { rows: 'sparseGemmI8', vector: 'sparseGemvI8', bytes: 1, scratch: sparseGemmI8ScratchBytes },
} as const;

/** Rows of a value of shape [..., k]; a dimension that is not known counts as 1. */
export function rowsKnown(value: Value | null | undefined): number {
  const dims = value?.type?.dims ?? [];
  return dims.slice(0, -1).reduce<number>((rows, dim) => rows * (typeof dim === 'number' ? dim : 1), 1);
}

/** Pixels of a value of shape [N, C, ...]; without end, where that is not known. */
export function pixelsKnown(value: Value | null | undefined): number {
  const [batch, , ...spatial] = value?.type?.dims ?? [];
  let pixels = typeof batch === 'number' ? batch : 1;
  for (const dim of spatial) pixels *= typeof dim === 'number' ? dim : Number.POSITIVE_INFINITY;
  return spatial.length === 0 ? Number.POSITIVE_INFINITY : pixels;
}

/** Up to which density pruned weights pay, for a number of rows. */
export function densityLimit({ workspace }: Job, type: ElementType, rows: number): number {
  return sparseLimit(type, rows, workspace.kernels.weightFormat).density;
}

/** What a product is made of; the columns are read again for each form that they are packed in. */
interface Parts {
  readonly type: ElementType;
  readonly k: number;
  readonly n: number;
  readonly pack: (form: SparseForm) => { readonly packed: Uint8Array; readonly kept: number };
  /** The last arguments of the kernel, scratch aside. */
  readonly rule: readonly number[];
}

/** A product of activations by pruned weights, which stay in kernel memory in the forms that runs ask for. */
export class SparseProduct {
  readonly #job: Job;
  readonly #parts: Parts;
  readonly #places = new Map<SparseForm, number>();
  #kept = 0;

  /** @param rows - as many as are expected: the form for them is packed now */
  constructor(job: Job, rows: number, parts: Parts) {
    this.#job = job;
    this.#parts = parts;
    this.#place(sparseLimit(parts.type, rows).form);
  }

  /** @param read - the weights, without those that are zero */
  static float32(
    job: Job,
    rows: number,
    read: () => SparseColumns<Float32Array>,
    shape: { readonly k: number; readonly n: number; readonly bias: Float32Array | undefined },
  ): SparseProduct {
    const { k, n, bias } = shape;
    const pack: Parts['pack'] = (form) => {
      const weights = { columns: read(), bias };
      const packed = form === 'vector' ? packSparseVectorF32(weights) : packSparseF32(weights);
      return { packed, kept: weights.columns.values.length };
    };
    return new SparseProduct(job, rows, {
      type: 'float32',
      k,
      n,
      pack,
      rule: [job.clamp.low, job.clamp.high],
    });
  }

  /** @param read - the weights, without those that are zero */
  static int8(
    job: Job,
    rows: number,
    read: () => SparseColumns<Int8Array>,
    shape: { readonly k: number; readonly n: number; readonly product: IntegerProduct },
  ): SparseProduct {
    const { k, n, product } = shape;
    const { x, y, low, high, bias } = product;
    const pack: Parts['pack'] = (form) => {
      const weights = { columns: read(), bias, multipliers: float32Multipliers(product) };
      const packed = form === 'vector' ? packSparseVectorI8(weights) : packSparseI8(weights);
      return { packed, kept: weights.columns.values.length };
    };
    return new SparseProduct(job, rows, { type: 'int8', k, n, pack, rule: [x.zero, y.zero, low, high] });
  }

  /** Multiplies `rows` rows, one behind the other at `from`. Profiles count the weights that are kept. */
  record(recorder: Recorder, rows: number, from: Address, to: Address): void {
    const { type, k, n, rule } = this.#parts;
    const { bytes, scratch, ...names } = kernels[type];
    const { form } = sparseLimit(type, rows);
    const place = this.#place(form);
    // Whole blocks, where the kernel computes many rows at once.
    const block = form === 'vector' ? 1 : SPARSE_BLOCK_ROWS[type];
    recorder.split(names[form], Math.ceil(rows / block), rows * this.#kept, ({ first, end }) => {
      const start = first * block;
      const count = Math.min(end * block, rows) - start;
      const [a, c] = [from.plus(start * k * bytes), to.plus(start * n * bytes)];
      const args = [count, n, k, a, k, place, c, n, ...rule];
      return form === 'vector' ? args : [...args, recorder.scratch(scratch(k))];
    });
  }

  #place(form: SparseForm): number {
    const known = this.#places.get(form);
    if (known !== undefined) return known;
    const { packed, kept } = this.#parts.pack(form);
    this.#kept = kept;
    const place = this.#job.workspace.heap.place(packed);
    this.#places.set(form, place);
    return place;
  }
}
