import { type DataType, elementCount, InternalError, Tensor } from '@espalier/core';
import { Address, type Block } from '../tape/block.js';
import type { HeldSpace, Space } from '../tape/space.js';
import { StaleTape } from '../tape/stale-tape.js';
import type { Grid } from './grid.js';
import { isPicture, type Layout, layoutsAgree, planesOf, sameDims } from './layout.js';

/** What a block of kernel memory holds: float32 reals, or codes on the activation's grid, int8 or int16. */
export type Element = 'real' | 'code';

export type Form = `${Element} ${Layout}`;

/**
 * A tensor of a plan, for inputs of some shapes. It may be held in several forms at once (a plain tensor,
 * float32 or int8 blocks of kernel memory, in either layout): a step asks for the form it computes with,
 * and a form that is not there is made from one that is. So a chain of convolutions stays channels-last,
 * and nothing is transposed that is not read in another layout.
 *
 * Asking is recorded: in later runs the same forms are made at the same places, from other values.
 * Views are good until the next allocation of anything: take them where they are used.
 */
export class Activation {
  readonly type: DataType;
  readonly dims: readonly number[];
  /** Where the elements are codes. */
  readonly grid: Grid | null;
  /** Whether the value is the same in each run: a constant, or something that only shapes decide. */
  readonly isFixed: boolean;
  readonly #space: Space;
  readonly #blocks = new Map<Form, Block>();
  /** Null where the value comes from a kernel, and between runs. */
  #tensor: Tensor | null = null;
  #reals: Float32Array | null = null;

  private constructor(
    space: Space,
    type: DataType,
    dims: readonly number[],
    grid: Grid | null,
    isFixed: boolean,
  ) {
    this.#space = space;
    this.type = type;
    this.dims = dims;
    this.grid = grid;
    this.isFixed = isFixed;
  }

  /** Holds a plain tensor; another one in each run. */
  static of(space: Space, tensor: Tensor): Activation {
    const activation = new Activation(space, tensor.type, tensor.dims, null, false);
    activation.#tensor = tensor;
    return activation;
  }

  /** Holds a plain tensor that is the same in each run. */
  static fixed(space: HeldSpace, tensor: Tensor): Activation {
    const activation = new Activation(space, tensor.type, tensor.dims, null, true);
    activation.#tensor = tensor;
    return activation;
  }

  /** Codes that are the same in each run. */
  static fixedCodes(space: HeldSpace, dims: readonly number[], layout: Layout, grid: Grid): Activation {
    const activation = new Activation(space, 'float32', dims, grid, true);
    activation.#allocate('code', layout);
    return activation;
  }

  /** Room for float32 reals, not yet written. */
  static reals(space: Space, dims: readonly number[], layout: Layout): Activation {
    const activation = new Activation(space, 'float32', dims, null, false);
    activation.#allocate('real', layout);
    return activation;
  }

  /** Room for int8 codes, not yet written. */
  static codes(space: Space, dims: readonly number[], layout: Layout, grid: Grid): Activation {
    const activation = new Activation(space, 'float32', dims, grid, false);
    activation.#allocate('code', layout);
    return activation;
  }

  /** float32 reals quantized to a grid, in the layout they stand in. */
  static quantized(from: Activation, grid: Grid, space: Space): Activation {
    const { layout } = from;
    if (grid.wide) return Activation.#quantizedWide(from, grid, space);
    if (layout === 'row-major' && isPicture(from.dims))
      return Activation.#quantizedPicture(from, grid, space);
    const to = Activation.codes(space, from.dims, layout, grid);
    const [reals, codes] = [from.reals(layout), to.codes(layout)];
    space.spread('quantizeF32I8', from.size, ({ first, end }) => {
      const [x, y] = [reals.plus(first * 4), codes.plus(first)];
      return [end - first, x, y, grid.scale, grid.zero, -128, 127];
    });
    return to;
  }

  /** A picture is read by a convolution, which wants its channels last: both in one go. */
  static #quantizedPicture(from: Activation, grid: Grid, space: Space): Activation {
    const to = Activation.codes(space, from.dims, 'channels-last', grid);
    const { batch, channels, spatial } = planesOf(from.dims);
    const [x, y] = [from.reals('row-major'), to.codes('channels-last')];
    space.call('quantizeTransposeF32I8', [batch, channels, spatial, x, y, grid.scale, grid.zero, -128, 127]);
    return to;
  }

  static #quantizedWide(from: Activation, grid: Grid, space: Space): Activation {
    const { layout } = from;
    const to = Activation.codes(space, from.dims, layout, grid);
    const [reals, codes] = [from.reals(layout), to.codes(layout)];
    const away = space.workspace.kernels.multipliers === 'fixed-point' ? 1 : 0;
    space.spread('quantizeF32I16', from.size, ({ first, end }) => {
      const [x, y] = [reals.plus(first * 4), codes.plus(first * 2)];
      return [end - first, x, y, grid.scale, grid.zero, away];
    });
    return to;
  }

  get size(): number {
    return elementCount(this.dims);
  }

  /** The layout that costs nothing. */
  get layout(): Layout {
    if (this.#blocks.size === 0) return 'row-major';
    const rowMajor = this.#blocks.has('code row-major') || this.#blocks.has('real row-major');
    return rowMajor || this.#tensor !== null ? 'row-major' : 'channels-last';
  }

  /** Where the float32 reals are. */
  reals(layout: Layout): Address {
    return new Address(this.#block('real', layout));
  }

  /** Where the int8 codes are; only where there is a grid. */
  codes(layout: Layout): Address {
    return new Address(this.#block('code', layout));
  }

  /** The float32 reals in kernel memory. */
  realView(layout: Layout): Float32Array {
    const { address } = this.#block('real', layout);
    return this.#heap.float32(address, this.size);
  }

  /** The int8 codes in kernel memory. */
  codeView(layout: Layout): Int8Array {
    const { address } = this.#block('code', layout);
    return this.#heap.int8(address, this.size);
  }

  /** The int16 codes in kernel memory, of a wide grid. */
  wideCodeView(layout: Layout): Int16Array {
    const { address } = this.#block('code', layout);
    return new Int16Array(this.#heap.memory.buffer, address, this.size);
  }

  /** The blocks it has by now. */
  forms(): readonly (readonly [Form, Block])[] {
    return [...this.#blocks];
  }

  /** Sees to it that `tensor` finds what it shows. */
  makeTensor(): void {
    if (this.#tensor === null) this.reals('row-major');
  }

  /** The reals as a plain tensor: a view, where they are in kernel memory. `makeTensor` has been called. */
  tensor(): Tensor {
    return this.#tensor ?? new Tensor('float32', this.#rowMajorReals(), this.dims);
  }

  /** A plain tensor that stays as it is. */
  detach(): Tensor {
    if (this.#tensor !== null) return this.#tensor;
    return new Tensor('float32', this.#rowMajorReals().slice(), this.dims);
  }

  /** A plain tensor of its own. */
  copy(): Tensor {
    if (this.#tensor === null) return new Tensor('float32', this.#rowMajorReals().slice(), this.dims);
    const { type, data, dims } = this.#tensor;
    return new Tensor(type, data.slice() as typeof data, dims);
  }

  /**
   * The tensor of this run.
   *
   * @throws {StaleTape} when it has another shape than the one that was recorded
   */
  hold(tensor: Tensor): void {
    this.requireDims(tensor.dims);
    this.#tensor = tensor;
  }

  /** @throws {StaleTape} when the shape is another one than was recorded */
  requireDims(dims: readonly number[]): void {
    if (!sameDims(dims, this.dims)) throw new StaleTape();
  }

  /** Forgets the tensor of this run. */
  drop(): void {
    if (!this.isFixed) this.#tensor = null;
  }

  /** No step after this one reads it. What is fixed stays. */
  release(): void {
    if (this.isFixed) return;
    for (const block of this.#blocks.values()) this.#space.free(block);
  }

  get #heap(): Space['workspace']['heap'] {
    return this.#space.workspace.heap;
  }

  #rowMajorReals(): Float32Array {
    const block = this.#blocks.get('real row-major');
    if (block === undefined)
      throw new InternalError({ what: 'An activation was read before it was made a tensor.' });
    const known = this.#reals;
    const { memory } = this.#heap;
    if (known !== null && known.buffer === memory.buffer && known.byteOffset === block.address) return known;
    const view = this.#heap.float32(block.address, this.size);
    this.#reals = view;
    return view;
  }

  #block(element: Element, wanted: Layout): Block {
    const layout = layoutsAgree(this.dims) ? 'row-major' : wanted;
    return this.#blocks.get(`${element} ${layout}`) ?? this.#make(element, layout);
  }

  #make(element: Element, layout: Layout): Block {
    const other = layout === 'row-major' ? 'channels-last' : 'row-major';
    const transposed = this.#blocks.get(`${element} ${other}`);
    if (transposed !== undefined) return this.#transpose(element, transposed, other, layout);
    if (element === 'real' && this.grid !== null) return this.#dequantize(layout, this.grid);
    if (this.#tensor === null || this.type !== 'float32' || element === 'code') {
      throw new InternalError({ what: `A tensor of type ${this.type} was asked for as ${element}.` });
    }
    const block = this.#upload();
    return layout === 'row-major' ? block : this.#transpose('real', block, 'row-major', layout);
  }

  #upload(): Block {
    const block = this.#allocate('real', 'row-major');
    this.#space.host(() => {
      // The type was checked above, and a tensor of another type is never held.
      this.#rowMajorReals().set(this.#tensor?.data as Float32Array);
    });
    return block;
  }

  #transpose(element: Element, block: Block, from: Layout, to: Layout): Block {
    const result = this.#allocate(element, to);
    const { batch, channels, spatial } = planesOf(this.dims);
    const [rows, columns] = from === 'row-major' ? [channels, spatial] : [spatial, channels];
    const args = [batch, rows, columns, new Address(block), new Address(result)];
    const codes = this.grid?.wide ? 'transposeI16' : 'transposeI8';
    this.#space.call(element === 'real' ? 'transposeF32' : codes, args);
    return result;
  }

  #dequantize(layout: Layout, { scale, zero, wide }: Grid): Block {
    const codes = this.codes(layout);
    const block = this.#allocate('real', layout);
    const reals = new Address(block);
    const [kernel, bytes] = wide ? (['dequantizeI16F32', 2] as const) : (['dequantizeI8F32', 1] as const);
    this.#space.spread(kernel, this.size, ({ first, end }) => {
      return [end - first, codes.plus(first * bytes), reals.plus(first * 4), scale, zero];
    });
    return block;
  }

  #allocate(element: Element, wanted: Layout): Block {
    const layout = layoutsAgree(this.dims) ? 'row-major' : wanted;
    const codeBytes = this.grid?.wide ? 2 : 1;
    const block = this.#space.allocate(this.size * (element === 'real' ? 4 : codeBytes));
    this.#blocks.set(`${element} ${layout}`, block);
    return block;
  }
}
