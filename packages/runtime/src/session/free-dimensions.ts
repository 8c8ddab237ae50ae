import { type Dim, type Model, OptionsError, type ValueType } from '@espalier/core';

/** Sizes for dims that the model leaves open, by their names. */
export type FreeDimensions = Readonly<Record<string, number>>;

/**
 * The model with some open dims of its values given a size, so that it is planned for that size alone. The
 * model itself stays as it is.
 *
 * @throws {OptionsError} when a size is no natural number
 */
export function fixDimensions(model: Model, sizes: FreeDimensions): Model {
  for (const [name, size] of Object.entries(sizes)) {
    if (Number.isSafeInteger(size) && size >= 0) continue;
    throw new OptionsError({
      what: `The free dimension "${name}" is overridden by ${size}.`,
      fix: 'Give it a natural number.',
    });
  }
  const fixed = model.clone();
  for (const value of fixed.graph.values) {
    if (value.type?.dims?.some((dim) => typeof dim === 'string' && Object.hasOwn(sizes, dim)) !== true)
      continue;
    fixed.graph.setType(value, withSizes(value.type, sizes));
  }
  return fixed;
}

function withSizes(type: ValueType, sizes: FreeDimensions): ValueType {
  const sized = (dim: Dim): Dim =>
    typeof dim === 'string' && Object.hasOwn(sizes, dim) ? (sizes[dim] ?? dim) : dim;
  return { ...type, dims: type.dims?.map(sized) ?? null };
}
