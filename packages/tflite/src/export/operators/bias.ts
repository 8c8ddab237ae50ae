import {
  AffineEncoding,
  type Encoding,
  elementCount,
  quantization,
  roundHalfEven,
  Tensor,
  tensorOf,
  toFloat32,
  toNumbers,
  UnsupportedError,
} from '@espalier/core';
import type { OperatorWriter } from '../operator-writer.js';

/**
 * The bias of a convolution or a matrix product, zeros where it has none: LiteRT computes convolutions without one wrong.
 * Beside codes it counts in units of the products.
 */
export function biasTensor(writer: OperatorWriter, channels: number): number {
  const value = writer.optional(2);
  const name = value?.name ?? `${writer.result.value.name}_bias`;
  const constant = value?.constant ?? null;
  if (value !== null && constant === null) throw writer.unsupported('its bias is computed, not constant');
  const isRow = constant === null || constant.dims.at(-1) === channels;
  if (constant !== null && (!isRow || elementCount(constant.dims) !== channels)) {
    throw writer.unsupported(`its bias is [${constant.dims.join(', ')}] for ${channels} channels`);
  }
  if (writer.as === 'reals') {
    const data = new Tensor(
      'float32',
      constant === null ? new Float32Array(channels) : toFloat32(constant.decode()),
    );
    return writer.file.tensor({ name, type: 'float32', dims: data.dims, data });
  }
  const scale = unitsOf(writer);
  const grid = quantization({ scale, axis: scale.length === 1 ? null : 0, storageType: 'int32' });
  const codes = codesOf(writer, constant, scale, channels);
  const isWide = writer.grid(writer.value(0))?.storageType === 'int16';
  // Sums of 16-bit activations are of 64 bits.
  const type = isWide ? 'int64' : 'int32';
  const data = isWide
    ? new Tensor('int64', BigInt64Array.from(toNumbers(codes) as readonly number[], BigInt))
    : codes;
  return writer.file.tensor({ name, type, dims: [channels], quantization: grid, data });
}

/** The scale of the input times those of the weights. */
function unitsOf(writer: OperatorWriter): Float32Array {
  const unit = writer.grid(writer.value(0))?.scale[0] ?? 1;
  const weights = writer.value(1).constant;
  if (!(weights instanceof AffineEncoding)) throw writer.unsupported('its weights are not quantized');
  return weights.quantization.scale.map((scale) => scale * unit);
}

function codesOf(
  writer: OperatorWriter,
  constant: Encoding | null,
  scale: Float32Array,
  channels: number,
): Tensor {
  if (constant === null) return new Tensor('int32', new Int32Array(channels));
  const unit = (channel: number): number => scale[scale.length === 1 ? 0 : channel] ?? 1;
  if (constant instanceof AffineEncoding && constant.quantization.storageType === 'int32') {
    const { quantization: grid } = constant;
    const own = (channel: number): number => grid.scale[grid.scale.length === 1 ? 0 : channel] ?? 1;
    const agrees = Array.from(
      { length: channels },
      (_, channel) => Math.abs(own(channel) / unit(channel) - 1) < 2 ** -21,
    );
    if (agrees.every(Boolean) && grid.zeroPoint.every((zero) => zero === 0)) {
      return constant.children.codes.decode().reshape([channels]);
    }
  }
  const codes = Array.from(toFloat32(constant.decode()), (real, channel) =>
    roundHalfEven(real / unit(channel)),
  );
  if (codes.some((code) => Math.abs(code) >= 2 ** 31)) {
    throw new UnsupportedError({
      what: 'A bias is too large for the scales of what it is added to.',
      where: `node "${writer.node.name}"`,
      fix: 'Leave the layer in float.',
    });
  }
  return tensorOf('int32', codes, [channels]);
}
