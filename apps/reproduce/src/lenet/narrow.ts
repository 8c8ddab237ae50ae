import { dense, type Model, ModelError, Tensor, toFloat32 } from '@espalier/core';
import type { Network, Widths } from './models.js';

/** A weight, [outputs, inputs, ...], seen as a matrix with a row for each output. */
interface Matrix {
  readonly dims: readonly number[];
  readonly values: Float32Array;
  readonly rows: number;
  readonly columns: number;
}

/**
 * The network without its least units: hidden units and channels of convolutions, whose rows and columns are gone
 * from the weights on both sides, biases with them.
 *
 * A unit counts as much as the norm of what goes into it times the norm of what comes out of it. What is left
 * computes something else, and has to be retrained.
 *
 * @param widths - units to keep, by layer; others stay whole
 */
export function narrow(model: Model, network: Network, widths: Widths): Model {
  const narrowed = network.build(0, { ...network.widths, ...widths });
  const layers = model.weights().map(({ name }) => name.replace(/\.weight$/, ''));
  let inputs: Uint32Array | null = null;
  let inputUnits = 1;
  for (const [i, layer] of layers.entries()) {
    const weight = matrixOf(model, `${layer}.weight`);
    const next = layers[i + 1];
    const kept =
      next === undefined
        ? every(weight.rows)
        : largestUnits(weight, matrixOf(model, `${next}.weight`), widths[layer] ?? weight.rows);
    const values = submatrix(weight, kept, inputs, inputUnits);
    put(narrowed, `${layer}.weight`, values);
    const bias = matrixOf(model, `${layer}.bias`).values;
    put(
      narrowed,
      `${layer}.bias`,
      Float32Array.from(kept, (unit) => bias[unit] ?? 0),
    );
    [inputs, inputUnits] = [kept, weight.rows];
  }
  return narrowed;
}

function matrixOf(model: Model, name: string): Matrix {
  const constant = model.graph.value(name)?.constant;
  if (constant == null) throw new ModelError({ what: `The network has no weight "${name}".` });
  const rows = constant.dims[0] ?? 1;
  const values = toFloat32(constant.decode());
  return { dims: constant.dims, values, rows, columns: values.length / rows };
}

function put(model: Model, name: string, values: Float32Array): void {
  const value = model.graph.value(name);
  if (value?.constant == null) throw new ModelError({ what: `The network has no weight "${name}".` });
  model.graph.replaceConstant(value, dense(new Tensor('float32', values, value.constant.dims)));
}

/** The units that count most, in their order. */
function largestUnits(into: Matrix, outOf: Matrix, count: number): Uint32Array {
  const span = outOf.columns / into.rows;
  const score = every(into.rows).reduce((scores, unit) => {
    let [before, after] = [0, 0];
    for (let c = 0; c < into.columns; c++) before += (into.values[unit * into.columns + c] ?? 0) ** 2;
    for (let r = 0; r < outOf.rows; r++) {
      for (let c = unit * span; c < (unit + 1) * span; c++)
        after += (outOf.values[r * outOf.columns + c] ?? 0) ** 2;
    }
    scores[unit] = before * after;
    return scores;
  }, new Float64Array(into.rows));
  const order = every(into.rows).sort((a, b) => (score[b] ?? 0) - (score[a] ?? 0) || a - b);
  return order.subarray(0, count).sort();
}

/** Some rows of a matrix, and the columns that belong to some of its input units; all where there is no list. */
function submatrix(
  { values, columns }: Matrix,
  rows: Uint32Array,
  inputs: Uint32Array | null,
  inputUnits: number,
): Float32Array {
  const span = inputs === null ? columns : columns / inputUnits;
  const taken = inputs ?? Uint32Array.of(0);
  const out = new Float32Array(rows.length * taken.length * span);
  let at = 0;
  for (const row of rows) {
    for (const unit of taken) {
      const from = row * columns + unit * span;
      out.set(values.subarray(from, from + span), at);
      at += span;
    }
  }
  return out;
}

/** 0, 1, 2, ... */
function every(count: number): Uint32Array {
  return Uint32Array.from({ length: count }, (_, i) => i);
}
