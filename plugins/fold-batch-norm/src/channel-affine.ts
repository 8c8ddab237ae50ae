import { type Attributes, type Tensor, toNumbers } from '@espalier/core';

/** y = factor[c] * x + shift[c] for channel c, in double. */
export interface ChannelAffine {
  readonly factor: Float64Array;
  readonly shift: Float64Array;
}

/**
 * What a batch normalization computes at inference.
 *
 * @param tensors - scale, shift, mean and variance, each of shape [channels]
 * @returns null where a factor is not finite: the variance is below -epsilon, or a number is missing
 * @see Ioffe and Szegedy 2015 (arXiv:1502.03167), algorithm 2; ONNX BatchNormalization, opset 15
 */
export function readNorm(tensors: readonly Tensor[], attributes: Attributes): ChannelAffine | null {
  const [gamma, beta, mean, variance] = tensors.map(toNumbers);
  if (gamma === undefined || beta === undefined || mean === undefined || variance === undefined) return null;
  const epsilon = attributes.float('epsilon', 1e-5);
  const factor = new Float64Array(gamma.length);
  const shift = new Float64Array(gamma.length);
  for (let c = 0; c < gamma.length; c++) {
    const unit = 1 / Math.sqrt((variance[c] ?? Number.NaN) + epsilon);
    factor[c] = (gamma[c] ?? Number.NaN) * unit;
    shift[c] = (beta[c] ?? Number.NaN) - (mean[c] ?? Number.NaN) * (factor[c] ?? Number.NaN);
  }
  return factor.every(Number.isFinite) && shift.every(Number.isFinite) ? { factor, shift } : null;
}
