import type { Quantization } from '@espalier/core';
import type { Offset } from 'flatbuffers';
import {
  type OperatorCode,
  type OperatorName,
  operatorCodes,
  type TensorType,
  tensorTypes,
} from './codes.js';
import { type Field, TableBuilder } from './table-builder.js';

export interface TensorSpec {
  readonly name: string;
  readonly dims: readonly number[];
  readonly type: TensorType;
  readonly grid?: Quantization | null;
  /** Which dimension scales run along, where there are several. */
  readonly axis?: number;
  readonly data?: Float32Array | Int8Array | Int32Array;
}

/** The lists of a TensorFlow Lite file while it is written: buffers, tensors, operators and their codes. */
export class FileParts {
  readonly build: TableBuilder = new TableBuilder();
  readonly #buffers: Offset[];
  readonly #tensors: Offset[] = [];
  readonly #operators: Offset[] = [];
  readonly #codes: OperatorCode[] = [];

  constructor() {
    // Buffer 0 is the empty one: what tensors without data point at.
    this.#buffers = [this.build.table(3, [])];
  }

  /** Returns the tensor's number. */
  tensor({ name, dims, type, grid = null, axis = 0, data }: TensorSpec): number {
    const buffer = data === undefined ? 0 : this.#buffer(data);
    const quantization = grid === null ? 0 : this.#quantization(grid, axis);
    const label = this.build.text(name);
    const shape = this.build.int32s(dims);
    const offset = this.build.table(11, [
      { id: 0, offset: shape },
      { id: 1, int8: tensorTypes[type] },
      { id: 2, int32: buffer },
      { id: 3, offset: label },
      { id: 4, offset: quantization },
      { id: 8, int8: 1 }, // has_rank
    ]);
    return this.#tensors.push(offset) - 1;
  }

  operator(
    name: OperatorName,
    inputs: readonly number[],
    output: number,
    optionCount: number,
    options: readonly Field[],
  ): void {
    const code: OperatorCode = operatorCodes[name];
    if (!this.#codes.includes(code)) this.#codes.push(code);
    const reads = this.build.int32s(inputs);
    const writes = this.build.int32s([output]);
    const optionTable = this.build.table(optionCount, options);
    const offset = this.build.table(13, [
      { id: 0, int32: this.#codes.indexOf(code) },
      { id: 1, offset: reads },
      { id: 2, offset: writes },
      { id: 3, int8: code.options },
      { id: 4, offset: optionTable },
    ]);
    this.#operators.push(offset);
  }

  finish(input: number, output: number): Uint8Array {
    const { build } = this;
    const tensors = build.offsets(this.#tensors);
    const inputs = build.int32s([input]);
    const outputs = build.int32s([output]);
    const operators = build.offsets(this.#operators);
    const label = build.text('main');
    const graph = build.table(6, [
      { id: 0, offset: tensors },
      { id: 1, offset: inputs },
      { id: 2, offset: outputs },
      { id: 3, offset: operators },
      { id: 4, offset: label },
    ]);
    const codes = build.offsets(this.#codes.map((code) => this.#code(code)));
    const graphs = build.offsets([graph]);
    const description = build.text('espalier benchmark');
    const buffers = build.offsets(this.#buffers);
    const model = build.table(8, [
      { id: 0, int32: 3 }, // version of the schema
      { id: 1, offset: codes },
      { id: 2, offset: graphs },
      { id: 3, offset: description },
      { id: 4, offset: buffers },
    ]);
    return build.finish(model, 'TFL3');
  }

  #buffer({ buffer, byteOffset, byteLength }: NonNullable<TensorSpec['data']>): number {
    const bytes = this.build.bytes(new Uint8Array(buffer, byteOffset, byteLength));
    return this.#buffers.push(this.build.table(3, [{ id: 0, offset: bytes }])) - 1;
  }

  #quantization({ scale, zeroPoint }: Quantization, axis: number): Offset {
    const scales = this.build.float32s(scale);
    const zeroPoints = this.build.int64s(zeroPoint);
    return this.build.table(7, [
      { id: 2, offset: scales },
      { id: 3, offset: zeroPoints },
      { id: 6, int32: axis },
    ]);
  }

  #code({ operator, version }: OperatorCode): Offset {
    return this.build.table(4, [
      { id: 0, int8: operator }, // deprecated_builtin_code: readers take the larger of both
      { id: 2, int32: version },
      { id: 3, int32: operator },
    ]);
  }
}
