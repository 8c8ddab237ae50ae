import {
  AffineEncoding,
  affine,
  dense,
  type Encoding,
  quantization,
  Tensor,
  toNumbers,
  type Value,
} from '@espalier/core';
import { tensorTypeNumber } from '../../schema/tensor-types.js';
import type { FileTensor } from '../file-graph.js';
import type { OperatorContext } from '../operator-context.js';

/**
 * Looks whether the weights of a convolution mean what its kernels take them for.
 *
 * @throws {UnsupportedError} for a zero point, which they ignore, and codes without a scale
 */
export function assertSymmetric(context: OperatorContext, x: FileTensor, weights: FileTensor): void {
  assertScaled(context, x, weights);
  const { quantization: grid } = weights;
  if (grid === null || grid.storageType === 'uint8' || grid.zeroPoint.every((zero) => zero === 0)) return;
  throw context.unsupported(`its weights ${weights.where} have a zero point that is not 0`);
}

/** @throws {UnsupportedError} for weights that are codes without a scale */
export function assertScaled(context: OperatorContext, x: FileTensor, weights: FileTensor): void {
  if (x.quantization !== null && weights.quantization === null) {
    throw context.unsupported(`its input has a scale, its weights ${weights.where} have none`);
  }
}

/**
 * Looks whether sums of 16-bit activations are of 64 bits, as in all files of today's converters. Sums of 32 bits, which an
 * experimental option of theirs asks for, are multiplied by another rule.
 *
 * @param withoutBias - the type of sums where there is no bias
 */
export function assertWideSums(
  context: OperatorContext,
  x: FileTensor,
  bias: FileTensor | null,
  withoutBias: number,
): void {
  if (x.quantization?.storageType !== 'int16') return;
  const is64 = bias === null ? withoutBias !== tensorTypeNumber('int32') : bias.type === 'int64';
  if (!is64) throw context.unsupported('its sums of 16-bit activations are not of 64 bits');
}

/**
 * The bias. That of codes counts in units of the products, scale of the input times scale of the weights, whatever scale
 * the file gives it: TensorFlow Lite adds the codes.
 */
export function biasOf(
  context: OperatorContext,
  x: FileTensor,
  weights: FileTensor,
  bias: FileTensor | null,
): Value | null {
  if (bias === null) return null;
  const constant = context.constantOf(bias);
  if (x.quantization === null || weights.quantization === null) return context.value(bias);
  if (constant === null) throw context.unsupported('its bias is computed, not constant');
  const codes = bias32(context, constant, bias);
  const unit = x.quantization.scale[0] ?? 1;
  const scale = weights.quantization.scale.map((one) => one * unit);
  const beyond = scale.find((one) => !(one > 0) || one === Infinity);
  if (beyond !== undefined)
    throw context.broken(`The scales of its input and its weights give products of scale ${beyond}.`);
  const axis = scale.length === 1 ? null : 0;
  const grid = quantization({ scale, axis, storageType: 'int32' });
  if (axis !== null && codes.size !== scale.length) {
    throw context.broken(`Its bias ${bias.where} has ${codes.size} elements for ${scale.length} channels.`);
  }
  return context.maker.constant(affine(dense(codes), grid), bias.name);
}

/** 64-bit codes, which stand beside 16-bit activations, where 32 bits hold them. */
function bias32(context: OperatorContext, constant: Encoding, bias: FileTensor): Tensor<'int32'> {
  const tensor = constant instanceof AffineEncoding ? constant.children.codes.decode() : constant.decode();
  const values = Array.from(toNumbers(tensor));
  const fits = values.every((value) => Math.abs(value) < 2 ** 31);
  if (!fits || !['int32', 'int64'].includes(tensor.type)) {
    throw context.unsupported(`its bias ${bias.where} is not of 32-bit codes`);
  }
  return new Tensor('int32', Int32Array.from(values), [values.length]);
}
