import {
  Attributes,
  EspalierError,
  type OperatorKernel,
  type Tensor,
  tensorOf,
  toBytes,
} from '@espalier/core';
import { seededValues } from '../../seeded-values.js';

/** Shapes that are tried, the simplest first: kernels want ranks that the kit does not know. */
const shapes: readonly (readonly number[])[] = [[4], [2, 3], [1, 2, 4], [1, 2, 4, 4]];

/** Inputs that a kernel takes, and what it made of them. */
export interface Trial {
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
  /** Whether it wrote into an input. */
  readonly changed: boolean;
}

/** One for each type and number of inputs that the kernel takes, without attributes; none where it wants some. */
export function trialsOf(kernel: OperatorKernel): readonly Trial[] {
  const found: Trial[] = [];
  for (const type of kernel.types) {
    for (const count of [1, 2, 3]) {
      const trials = shapes.map((dims) =>
        attempt(kernel, () => Array.from({ length: count }, () => seeded(type, dims))),
      );
      found.push(...trials.filter((trial) => trial !== null));
    }
  }
  return found;
}

function seeded(type: Tensor['type'], dims: readonly number[]): Tensor {
  const count = dims.reduce((product, dim) => product * dim, 1);
  const values = seededValues('inputs of a kernel', count, -4, 4);
  return tensorOf(
    type,
    type.startsWith('float') ? values : values.map((value) => Math.abs(Math.round(value))),
    dims,
  );
}

/** Null where the kernel refuses the inputs. What else it throws is a breach. */
function attempt(kernel: OperatorKernel, make: () => readonly Tensor[]): Trial | null {
  const inputs = make();
  try {
    const outputs = kernel.run(inputs, new Attributes());
    return { inputs, outputs, changed: !inputs.every((input, i) => sameBytes(input, make()[i])) };
  } catch (error) {
    if (error instanceof EspalierError) return null;
    throw error;
  }
}

/** Bytes, not numbers: -0 and the NaNs count. */
export function sameBytes(a: Tensor, b: Tensor | undefined): boolean {
  if (b === undefined) return false;
  const [x, y] = [toBytes(a.data), toBytes(b.data)];
  return x.length === y.length && x.every((byte, i) => byte === y[i]);
}
