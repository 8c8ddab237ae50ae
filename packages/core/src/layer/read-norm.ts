import type { Node } from '../ir/node.js';
import { type Tensor, toNumbers } from '../tensor/tensor.js';
import type { ChannelAffine } from './fold-affine.js';

/**
 * What a batch normalization computes at inference: y = factor * x + shift for each channel.
 *
 * @returns a reason where the norm is not constant, or its factors are not finite
 * @see Ioffe and Szegedy 2015 (arXiv:1502.03167), algorithm 2; ONNX BatchNormalization, opset 15
 */
export function readBatchNorm({ inputs, attributes }: Node): ChannelAffine | string {
  const parameters = inputs.slice(1, 5).map((value) => value?.constant?.decode());
  const known = parameters.filter((tensor) => tensor !== undefined);
  if (known.length !== 4) return 'its parameters are not constant';
  if (attributes.int('training_mode', 0) !== 0) return 'it is in training mode';
  const affine = affineOf(known, attributes.float('epsilon', 1e-5));
  const usable = affine.factor.every(Number.isFinite) && affine.shift.every(Number.isFinite);
  return usable ? affine : 'its parameters give factors that are not finite';
}

/** @param tensors - scale, shift, mean and variance, each of shape [channels] */
function affineOf(tensors: readonly Tensor[], epsilon: number): ChannelAffine {
  const at = (index: number, channel: number): number => numbers[index]?.[channel] ?? Number.NaN;
  const numbers = tensors.map(toNumbers);
  const factor = Float64Array.from(numbers[0] ?? [], (gamma, c) => gamma / Math.sqrt(at(3, c) + epsilon));
  const shift = factor.map((unit, c) => at(1, c) - at(2, c) * unit);
  return { factor, shift };
}
