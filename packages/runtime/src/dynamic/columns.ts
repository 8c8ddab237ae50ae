import { toFloat32 } from '@espalier/core';
import { type Job, type Refusal, refuse } from '../plan/job.js';
import { weightOf } from '../steps/integer-weights.js';
import { isFloat32Value } from '../steps/operands.js';

/** Products in a sum at most: of codes less their zero point, up to 255 in size, and weights they then fit 32 bits. */
const longestRow = 65_000;

/** Int8 weights of a product, as packers take them. */
export interface Columns {
  readonly dims: readonly number[];
  readonly data: Int8Array;
  readonly scales: Float32Array;
  readonly bias: Float32Array | undefined;
}

/** @param channels - along which axis of the weights the outputs are */
export function readColumns(job: Job, channels: number): Columns | Refusal {
  const weight = weightOf(job);
  if ('reason' in weight) return weight;
  const { codes, dims, scale } = weight;
  if (!isFloat32Value(job.node.inputs[0]) || !(codes instanceof Int8Array))
    return refuse('it is not float32');
  const count = dims[channels] ?? 0;
  if (codes.length > longestRow * count) return refuse('its sums do not fit 32 bits');
  const bias = job.constant(job.node.inputs[2]);
  const reals = bias === null ? undefined : toFloat32(bias);
  if (reals !== undefined && reals.length !== count && reals.length !== 1)
    return refuse('its bias is not one number a channel');
  return {
    dims,
    data: codes,
    scales: scale,
    bias: reals?.length === 1 ? new Float32Array(count).fill(reals[0] ?? 0) : reals,
  };
}
