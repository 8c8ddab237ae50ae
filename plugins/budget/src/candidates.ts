import {
  type Candidate,
  CastEncoding,
  codedBytes,
  DenseEncoding,
  type Encoding,
  type Model,
  type OutputProbe,
  SparseEncoding,
  toFloat32,
  type Weight,
} from '@espalier/core';
import { levelEncoding } from './level-encoding.js';
import { MOST_LEVELS, toLevels } from './step-quantizer.js';

/** A layer in steps of some width. */
export interface StepCandidate extends Candidate {
  /** Width of a step. */
  readonly step: number;
}

/** Steps that are tried: from 127 levels on either side to 2, each step wider by the root of 2. */
const STEPS = 13;

/** Every second one is measured, from 32 levels on: with more the outputs follow the weights. */
const isMeasured = (index: number): boolean => index >= 4 && index % 2 === 0;

/** Whether a weight is held as floats that may have other values; what holds codes of another pass is left alone. */
export function holdsFloats(encoding: Encoding): boolean {
  if (encoding.type !== 'float32') return false;
  const source = encoding instanceof CastEncoding ? encoding.children.source : encoding;
  const leaf = source instanceof SparseEncoding ? source.children.values : source;
  const inner = leaf instanceof CastEncoding ? leaf.children.source : leaf;
  return inner instanceof DenseEncoding;
}

/** The layer in steps of that width. */
export function inSteps({ encoding }: Weight, step: number): Encoding {
  return levelEncoding(toLevels(toFloat32(encoding.decode()), step), encoding.dims);
}

/**
 * Ways to hold a layer that is not all zeros, and the error that each alone makes: of the outputs where they can be measured, else of the layer's
 * weights, as a part of their energy.
 */
export async function candidatesOf(
  model: Model,
  weight: Weight,
  probe: OutputProbe | null,
): Promise<readonly StepCandidate[]> {
  const values = toFloat32(weight.decode());
  const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const tried: StepCandidate[] = [];
  const factors: (number | null)[] = [];
  let step = largest / MOST_LEVELS;
  for (let i = 0; i < STEPS; i++, step *= Math.SQRT2) {
    const encoding = inSteps(weight, step);
    const error = squaredError(values, toFloat32(encoding.decode()));
    tried.push({ step, bytes: codedBytes(encoding), error });
    factors.push(
      probe !== null && isMeasured(i) && error > 0
        ? (await outputError(model, weight, encoding, probe)) / error
        : null,
    );
  }
  const energy = squaredError(values, new Float32Array(values.length));
  return tried.map((candidate, i) => ({
    ...candidate,
    error: candidate.error * (probe === null ? 1 / energy : factorAt(factors, i)),
  }));
}

async function outputError(
  model: Model,
  weight: Weight,
  encoding: Encoding,
  probe: OutputProbe,
): Promise<number> {
  const copy = model.clone();
  const own = copy.weights().find(({ name }) => name === weight.name);
  if (own !== undefined) copy.replaceWeight(own, encoding);
  return (await probe.compare(copy)).error;
}

/** The factor measured at a step, or the mean of those around it. */
function factorAt(factors: readonly (number | null)[], index: number): number {
  const known = (from: number, by: number): number | null => {
    for (let i = from; i >= 0 && i < factors.length; i += by) {
      const factor = factors[i];
      if (factor != null) return factor;
    }
    return null;
  };
  const [before, after] = [known(index, -1), known(index, 1)];
  return ((before ?? after ?? 0) + (after ?? before ?? 0)) / 2;
}

function squaredError(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) {
    const difference = a[i]! - b[i]!;
    sum += difference * difference;
  }
  return sum;
}
