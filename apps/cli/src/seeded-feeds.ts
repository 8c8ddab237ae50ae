import {
  allocate,
  bytesPerElement,
  createRandom,
  type DataType,
  elementCount,
  isBigInt,
  isFloat,
  type Model,
  OptionsError,
  staticDims,
  Tensor,
  tensorOf,
} from '@espalier/core';

/** More would not fit into WebAssembly's memory beside its results. */
const MOST_BYTES = 2 ** 31;

/**
 * Inputs to time a model on: reals uniform in [0, 1), integers 0 or 1, which every index and mask takes. The
 * same in every run.
 *
 * @param model - with all shapes of its inputs known
 * @throws {OptionsError} where the size of an input is open, or too large to be run
 */
export function seededFeeds({ graph }: Model): Readonly<Record<string, Tensor>> {
  return Object.fromEntries(
    graph.inputs.map(({ name, type }) => {
      const dims = staticDims(type);
      if (type === null || dims === null) {
        throw new OptionsError({
          what: `The size of input "${name}" is open: ${type?.dims?.join('x') ?? 'unknown'}.`,
          fix: `Pass --shape "${name}=1x3x224x224", or what the model takes.`,
        });
      }
      const bytes = elementCount(dims) * bytesPerElement(type.dtype);
      if (bytes > MOST_BYTES) {
        throw new OptionsError({
          what: `Input "${name}" of ${dims.join('x')} would take ${bytes} bytes.`,
          fix: 'Pass --shape with a size that fits into memory.',
        });
      }
      return [name, seeded(name, type.dtype, dims)];
    }),
  );
}

function seeded(name: string, type: DataType, dims: readonly number[]): Tensor {
  const random = createRandom(name);
  if (isFloat(type)) {
    return tensorOf(
      type,
      Float64Array.from({ length: elementCount(dims) }, () => random.next()),
      dims,
    );
  }
  const data = allocate(type, elementCount(dims));
  for (let i = 0; i < data.length; i++) data[i] = isBigInt(type) ? BigInt(random.below(2)) : random.below(2);
  return new Tensor(type, data, dims);
}
