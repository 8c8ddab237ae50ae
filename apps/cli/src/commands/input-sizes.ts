import { inferShapes, type Model } from '@espalier/core';
import { InvalidArgumentError } from 'commander';

/** A size of an input that the user gives. */
export interface InputSize {
  /** null for the first input. */
  readonly name: string | null;
  readonly dims: readonly number[];
}

/** `x=1x3x224x224` or `1x3x224x224`; may be given several times. */
export function inputSize(text: string, before: readonly InputSize[] | undefined): readonly InputSize[] {
  const [, name, dims] = /^(?:(.+)=)?(\d+(?:x\d+)*)$/.exec(text) ?? [];
  if (dims === undefined)
    throw new InvalidArgumentError('Write dims like 1x3x640x640, or input=1x3x640x640.');
  return [...(before ?? []), { name: name ?? null, dims: dims.split('x').map(Number) }];
}

/** Sizes by the names of the model's inputs. */
export function sizesByInput(
  { graph }: Model,
  sizes: readonly InputSize[] = [],
): Readonly<Record<string, readonly number[]>> {
  const first = graph.inputs[0]?.name ?? '';
  return Object.fromEntries(sizes.map(({ name, dims }) => [name ?? first, dims]));
}

/**
 * The model for inputs of these sizes alone, and what follows from them; the model itself is left alone.
 *
 * @throws {ShapeError} when an input is not there, or does not take the size
 */
export function withSizes(model: Model, sizes: readonly InputSize[] | undefined): Model {
  if (sizes === undefined) return model;
  const fixed = model.clone();
  inferShapes(fixed, { inputs: sizesByInput(fixed, sizes) });
  return fixed;
}
