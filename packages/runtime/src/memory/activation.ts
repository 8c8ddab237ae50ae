import { type DataType, elementCount, InternalError, Tensor } from '@espalier/core';
import { type Grid, writeCodes, writeReals } from './grid.js';
import { type Layout, layoutsAgree, writeChannelsLast, writeRowMajor } from './layout.js';
import type { Workspace } from './workspace.js';

/** What a block of kernel memory holds: float32 reals, or int8 codes on the activation's grid. */
export type Element = 'real' | 'code';

type Form = `${Element} ${Layout}`;

/**
 * A tensor during a run. It may be held in several forms at once (a plain tensor, float32 or int8
 * blocks of kernel memory, in either layout): a step asks for the form it computes with, and a form
 * that is not there is made from one that is. So a chain of convolutions stays channels-last, and
 * nothing is transposed that is not read in another layout.
 */
export class Activation {
  readonly type: DataType;
  readonly dims: readonly number[];
  /** Where the elements are codes. */
  readonly grid: Grid | null;
  readonly #workspace: Workspace;
  readonly #blocks = new Map<Form, number>();
  #tensor: Tensor | null = null;

  private constructor(workspace: Workspace, type: DataType, dims: readonly number[], grid: Grid | null) {
    this.#workspace = workspace;
    this.type = type;
    this.dims = dims;
    this.grid = grid;
  }

  /** Holds a plain tensor; with a grid, a float32 tensor that is quantized to it when codes are asked for. */
  static of(workspace: Workspace, tensor: Tensor): Activation {
    const activation = new Activation(workspace, tensor.type, tensor.dims, null);
    activation.#tensor = tensor;
    return activation;
  }

  /** Room for float32 reals, not yet written. */
  static reals(workspace: Workspace, dims: readonly number[], layout: Layout): Activation {
    const activation = new Activation(workspace, 'float32', dims, null);
    activation.#allocate('real', layout);
    return activation;
  }

  /** Room for int8 codes, not yet written. */
  static codes(workspace: Workspace, dims: readonly number[], layout: Layout, grid: Grid): Activation {
    const activation = new Activation(workspace, 'float32', dims, grid);
    activation.#allocate('code', layout);
    return activation;
  }

  /** float32 reals quantized to a grid, in the layout they stand in. */
  static quantized(from: Activation, grid: Grid): Activation {
    const { layout } = from;
    const to = Activation.codes(from.#workspace, from.dims, layout, grid);
    const reals =
      from.#tensor === null || layout !== 'row-major' ? null : (from.#tensor.data as Float32Array);
    const source = reals ?? from.realView(layout);
    writeCodes(source, to.codeView(layout), grid);
    return to;
  }

  get size(): number {
    return elementCount(this.dims);
  }

  /** The layout that costs nothing. */
  get layout(): Layout {
    if (this.#tensor !== null || this.#blocks.size === 0) return 'row-major';
    const rowMajor = this.#blocks.has('code row-major') || this.#blocks.has('real row-major');
    return rowMajor ? 'row-major' : 'channels-last';
  }

  /** Address of the float32 reals. May grow the memory: views taken before are stale. */
  reals(layout: Layout): number {
    return this.#address('real', layout);
  }

  /** Address of the int8 codes; only where there is a grid. May grow the memory. */
  codes(layout: Layout): number {
    return this.#address('code', layout);
  }

  /** The reals as an array in kernel memory; stale after the next allocation. */
  realView(layout: Layout): Float32Array {
    return this.#workspace.heap.float32(this.reals(layout), this.size);
  }

  /** The codes as an array in kernel memory; stale after the next allocation. */
  codeView(layout: Layout): Int8Array {
    return this.#workspace.heap.int8(this.codes(layout), this.size);
  }

  /**
   * The elements as a plain tensor of reals. It may be a view of kernel memory: read it before the next
   * allocation. Never grows the memory.
   */
  tensor(): Tensor {
    if (this.#tensor !== null) return this.#tensor;
    const { heap } = this.#workspace;
    const real = this.#blocks.get('real row-major');
    if (real !== undefined) return new Tensor('float32', heap.float32(real, this.size), this.dims);
    const reals = new Float32Array(this.size);
    if (this.grid !== null) writeReals(this.codeTensor().data, reals, this.grid);
    else writeRowMajor(heap.float32(this.#block('real channels-last'), this.size), reals, this.dims);
    this.#tensor = new Tensor('float32', reals, this.dims);
    return this.#tensor;
  }

  /** The codes as a plain tensor, with the same care as `tensor`. */
  codeTensor(): Tensor<'int8'> {
    const { heap } = this.#workspace;
    const code = this.#blocks.get('code row-major');
    if (code !== undefined) return new Tensor('int8', heap.int8(code, this.size), this.dims);
    const codes = new Int8Array(this.size);
    writeRowMajor(heap.int8(this.#block('code channels-last'), this.size), codes, this.dims);
    return new Tensor('int8', codes, this.dims);
  }

  /** A plain tensor that nothing else will write. */
  detach(): Tensor {
    const tensor = this.tensor();
    return this.#workspace.owns(tensor.data)
      ? new Tensor(tensor.type, tensor.data.slice(), tensor.dims)
      : tensor;
  }

  /** Gives back all kernel memory. */
  release(): void {
    for (const address of this.#blocks.values()) this.#workspace.heap.free(address);
    this.#blocks.clear();
  }

  #address(element: Element, wanted: Layout): number {
    const layout = layoutsAgree(this.dims) ? 'row-major' : wanted;
    return this.#blocks.get(`${element} ${layout}`) ?? this.#make(element, layout);
  }

  #make(element: Element, layout: Layout): number {
    if (element === 'code') return this.#makeCodes(layout);
    if (this.grid !== null) {
      this.#makeCodes(layout);
      const address = this.#allocate('real', layout);
      writeReals(this.codeView(layout), this.#workspace.heap.float32(address, this.size), this.grid);
      return address;
    }
    const address = this.#allocate('real', layout);
    const to = this.#workspace.heap.float32(address, this.size);
    const from = this.#otherReals(layout);
    if (from.layout === layout) to.set(from.data);
    else if (layout === 'channels-last') writeChannelsLast(from.data, to, this.dims);
    else writeRowMajor(from.data, to, this.dims);
    return address;
  }

  #makeCodes(layout: Layout): number {
    const known = this.#blocks.get(`code ${layout}`);
    if (known !== undefined) return known;
    const other = layout === 'row-major' ? 'channels-last' : 'row-major';
    const source = this.#block(`code ${other}`);
    const address = this.#allocate('code', layout);
    const from = this.#workspace.heap.int8(source, this.size);
    const to = this.#workspace.heap.int8(address, this.size);
    if (layout === 'channels-last') writeChannelsLast(from, to, this.dims);
    else writeRowMajor(from, to, this.dims);
    return address;
  }

  #otherReals(wanted: Layout): { readonly data: Float32Array; readonly layout: Layout } {
    if (this.#tensor !== null) {
      if (this.type !== 'float32')
        throw new InternalError({ what: `A kernel asked for ${this.type} as float32.` });
      return { data: this.#tensor.data as Float32Array, layout: 'row-major' };
    }
    const layout = wanted === 'row-major' ? 'channels-last' : 'row-major';
    return { data: this.#workspace.heap.float32(this.#block(`real ${layout}`), this.size), layout };
  }

  #allocate(element: Element, wanted: Layout): number {
    const layout = layoutsAgree(this.dims) ? 'row-major' : wanted;
    const address = this.#workspace.heap.malloc(this.size * (element === 'real' ? 4 : 1));
    this.#blocks.set(`${element} ${layout}`, address);
    return address;
  }

  #block(form: Form): number {
    const address = this.#blocks.get(form);
    if (address === undefined) throw new InternalError({ what: `An activation is not held as ${form}.` });
    return address;
  }
}
