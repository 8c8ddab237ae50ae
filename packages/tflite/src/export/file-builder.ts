import { type DataType, type Dim, type Quantization, type Tensor, toBytes } from '@espalier/core';
import { builtinNumber } from '../schema/builtin-operators.js';
import type {
  BufferTable,
  ModelTable,
  OperatorCodeTable,
  OperatorTable,
  TensorTable,
} from '../schema/model.js';
import type { OptionsMember } from '../schema/options.js';
import { tensorTypeNumber } from '../schema/tensor-types.js';

export interface NewTensor {
  readonly name: string;
  readonly type: DataType;
  readonly dims: readonly Dim[];
  readonly quantization?: Quantization | null;
  /** Where it is constant. */
  readonly data?: Tensor;
}

/** The numbers of operators below this stand in a field of their own, for old readers. */
const firstNewNumber = 127;

/** Collects what a .tflite file is made of. */
export class FileBuilder {
  readonly #tensors: TensorTable[] = [];
  readonly #names = new Set<string>();
  /** By convention the first one is empty: that of all that is computed. */
  readonly #buffers: BufferTable[] = [{ data: new Uint8Array(), offset: 0, size: 0 }];
  readonly #codes: OperatorCodeTable[] = [];
  readonly #operators: OperatorTable[] = [];

  /** The number of a new tensor. A name that is taken gets a number behind it. */
  tensor({ name, type, dims, quantization = null, data }: NewTensor): number {
    if (data !== undefined) this.#buffers.push({ data: toBytes(data.data), offset: 0, size: 0 });
    const isOpen = dims.some((dim) => typeof dim !== 'number');
    this.#tensors.push({
      shape: dims.map((dim) => (typeof dim === 'number' ? dim : 1)),
      type: tensorTypeNumber(type),
      buffer: data === undefined ? 0 : this.#buffers.length - 1,
      name: this.#fresh(name),
      quantization:
        quantization === null
          ? null
          : {
              scale: Array.from(quantization.scale),
              zeroPoint: Array.from(quantization.zeroPoint),
              detailsType: 0,
              quantizedDimension: quantization.axis ?? 0,
            },
      isVariable: false,
      sparsity: null,
      shapeSignature: isOpen ? dims.map((dim) => (typeof dim === 'number' ? dim : -1)) : [],
      externalBuffer: 0,
    });
    return this.#tensors.length - 1;
  }

  /** Gives a tensor a name, and whoever has it another. */
  rename(index: number, name: string): void {
    const tensor = this.#tensors[index];
    if (tensor === undefined || tensor.name === name) return;
    const holder = this.#tensors.findIndex((other) => other.name === name);
    if (holder !== -1) this.#setName(holder, this.#fresh(`${name}_inside`));
    this.#names.delete(tensor.name);
    this.#names.add(name);
    this.#setName(index, name);
  }

  operator(
    name: string,
    version: number,
    inputs: readonly (number | null)[],
    outputs: readonly number[],
    options: OptionsMember | null = null,
  ): void {
    this.#operators.push({
      opcodeIndex: this.#codeOf(name, version),
      inputs: inputs.map((input) => input ?? -1),
      outputs,
      options,
    });
  }

  /** The file, with the given tensors as its inputs and outputs. */
  build(
    inputs: readonly number[],
    outputs: readonly number[],
    { name, description }: { readonly name: string; readonly description: string },
  ): ModelTable {
    const graph = { tensors: this.#tensors, inputs, outputs, operators: this.#operators, name };
    return {
      version: 3,
      operatorCodes: this.#codes,
      subgraphs: [graph],
      description,
      buffers: this.#buffers,
    };
  }

  #setName(index: number, name: string): void {
    const tensor = this.#tensors[index];
    if (tensor !== undefined) this.#tensors[index] = { ...tensor, name };
  }

  #fresh(wanted: string): string {
    let name = wanted;
    for (let i = 1; this.#names.has(name); i++) name = `${wanted}_${i}`;
    this.#names.add(name);
    return name;
  }

  #codeOf(name: string, version: number): number {
    const number = builtinNumber(name);
    const found = this.#codes.findIndex((code) => code.builtinCode === number && code.version === version);
    if (found !== -1) return found;
    this.#codes.push({
      deprecatedBuiltinCode: Math.min(number, firstNewNumber),
      customCode: '',
      version,
      builtinCode: number,
    });
    return this.#codes.length - 1;
  }
}
