import { type Attribute, Attributes, Tensor, toNumbers } from '@espalier/core';
import { operatorTable } from '../../src/operators/operator-table.js';

/** Runs an operator of the table by name; `outputs` is how many are wanted. */
export function runOperator(
  op: string,
  inputs: readonly (Tensor | null)[],
  attributes: Readonly<Record<string, Attribute>> = {},
  outputs = 1,
): readonly (Tensor | null)[] {
  const entry = operatorTable[op];
  if (entry === undefined) throw new Error(`${op} is not in the table`);
  const call = {
    attributes: new Attributes(attributes),
    outputs: new Array<boolean>(outputs).fill(true),
    name: `a ${op}`,
  };
  return entry.run(inputs, call);
}

/** The first output. */
export function resultOf(
  op: string,
  inputs: readonly (Tensor | null)[],
  attributes: Readonly<Record<string, Attribute>> = {},
): Tensor {
  const [result] = runOperator(op, inputs, attributes);
  if (result == null) throw new Error(`${op} gave nothing`);
  return result;
}

/** The first output's elements as numbers. */
export function numbersFrom(
  op: string,
  inputs: readonly (Tensor | null)[],
  attributes: Readonly<Record<string, Attribute>> = {},
): number[] {
  return Array.from(toNumbers(resultOf(op, inputs, attributes)));
}

export function float32(values: readonly number[], dims: readonly number[] = [values.length]): Tensor {
  return new Tensor('float32', Float32Array.from(values), dims);
}

export function int64(
  values: readonly (number | bigint)[],
  dims: readonly number[] = [values.length],
): Tensor {
  return new Tensor('int64', BigInt64Array.from(values, BigInt), dims);
}

export function int32(values: readonly number[], dims: readonly number[] = [values.length]): Tensor {
  return new Tensor('int32', Int32Array.from(values), dims);
}

export function uint8(values: readonly number[], dims: readonly number[] = [values.length]): Tensor {
  return new Tensor('uint8', Uint8Array.from(values), dims);
}

export function int8(values: readonly number[], dims: readonly number[] = [values.length]): Tensor {
  return new Tensor('int8', Int8Array.from(values), dims);
}
