import { type DataType, elementCount, InternalError, Tensor } from '@espalier/core';
import type { Grid } from './grid.js';
import { type Layout, layoutsAgree, planesOf } from './layout.js';
import type { Workspace } from './workspace.js';

/** What a block of kernel memory holds: float32 reals, or int8 codes on the activation's grid. */
export type Element = 'real' | 'code';

type Form = `${Element} ${Layout}`;

/**
 * A tensor during a run. It may be held in several forms at once (a plain tensor, float32 or int8
 * blocks of kernel memory, in either layout): a step asks for the form it computes with, and a form
 * that is not there is made from one that is. So a chain of convolutions stays channels-last, and
 * nothing is transposed that is not read in another layout.
 *
 * Addresses stay good until `release`. Views go stale with the next allocation of anything: ask for
 * all addresses first, then take views.
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

  /** Holds a plain tensor. */
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
    const { kernels } = from.#workspace;
    kernels.quantizeF32I8(from.size, from.reals(layout), to.codes(layout), grid.scale, grid.zero, -128, 127);
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

  /** Address of the float32 reals. */
  reals(layout: Layout): number {
    return this.#address('real', layout);
  }

  /** Address of the int8 codes; only where there is a grid. */
  codes(layout: Layout): number {
    return this.#address('code', layout);
  }

  /** The float32 reals in kernel memory. */
  realView(layout: Layout): Float32Array {
    const address = this.reals(layout);
    return this.#workspace.heap.float32(address, this.size);
  }

  /** The int8 codes in kernel memory. */
  codeView(layout: Layout): Int8Array {
    const address = this.codes(layout);
    return this.#workspace.heap.int8(address, this.size);
  }

  /** Makes what `tensor` shows, so that it does not allocate. */
  makeTensor(): void {
    if (this.#tensor === null) this.reals('row-major');
  }

  /** The reals as a plain tensor: a view, where it is in kernel memory. */
  tensor(): Tensor {
    return this.#tensor ?? new Tensor('float32', this.realView('row-major'), this.dims);
  }

  /** A plain tensor that stays as it is. */
  detach(): Tensor {
    if (this.#tensor !== null) return this.#tensor;
    return new Tensor('float32', this.realView('row-major').slice(), this.dims);
  }

  /** A plain tensor of its own. */
  copy(): Tensor {
    const { type, data, dims } = this.tensor();
    return new Tensor(type, data.slice() as typeof data, dims);
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
    const other = layout === 'row-major' ? 'channels-last' : 'row-major';
    if (this.#blocks.has(`${element} ${other}`)) return this.#transpose(element, other, layout);
    if (element === 'real' && this.grid !== null) return this.#dequantize(layout, this.grid);
    const tensor = this.#tensor;
    if (tensor === null || tensor.type !== 'float32' || element === 'code') {
      throw new InternalError({ what: `A tensor of type ${this.type} was asked for as ${element}.` });
    }
    const address = this.#allocate('real', 'row-major');
    this.#workspace.heap.float32(address, this.size).set(tensor.data as Float32Array);
    return layout === 'row-major' ? address : this.#transpose('real', 'row-major', layout);
  }

  #transpose(element: Element, from: Layout, to: Layout): number {
    const address = this.#allocate(element, to);
    const { batch, channels, spatial } = planesOf(this.dims);
    const { kernels } = this.#workspace;
    const transpose = element === 'real' ? kernels.transposeF32 : kernels.transposeI8;
    const [rows, columns] = from === 'row-major' ? [channels, spatial] : [spatial, channels];
    transpose(batch, rows, columns, this.#block(`${element} ${from}`), address);
    return address;
  }

  #dequantize(layout: Layout, { scale, zero }: Grid): number {
    const codes = this.codes(layout);
    const address = this.#allocate('real', layout);
    this.#workspace.kernels.dequantizeI8F32(this.size, codes, address, scale, zero);
    return address;
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
