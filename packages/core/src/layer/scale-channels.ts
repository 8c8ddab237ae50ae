import { AffineEncoding } from '../encoding/affine.js';
import { CodebookEncoding } from '../encoding/codebook.js';
import { DenseEncoding, dense } from '../encoding/dense.js';
import type { Encoding } from '../encoding/encoding.js';
import { positionsOf, SparseEncoding } from '../encoding/sparse.js';
import { quantization } from '../ir/value-type.js';
import { type IntegerType, integerRange, isFloat } from '../tensor/data-type.js';
import { type Tensor, tensorOf, toNumbers } from '../tensor/tensor.js';
import { axisOf, type ChannelMap, channelAt } from './channel-map.js';

/**
 * A weight with each channel multiplied by its factor, in the encoding it has: zeros of a sparse weight
 * stay zeros, scales of a quantized weight change (its codes only where a factor is not positive), centroids of a codebook
 * along the channels are scaled.
 *
 * Products are computed in double and rounded once.
 *
 * @returns null where the encoding can't take the factors: then nothing can be folded into it
 */
export function scaleChannels(weight: Encoding, map: ChannelMap, factor: Float64Array): Encoding | null {
  if (weight instanceof DenseEncoding) {
    return isFloat(weight.type) ? dense(scaleRuns(weight.tensor, map, factor)) : null;
  }
  if (weight instanceof SparseEncoding) return scaleSparse(weight, map, factor);
  const axis = axisOf(weight.dims, map);
  if (axis === null) return null;
  if (weight instanceof AffineEncoding) return scaleAffine(weight, axis, map, factor);
  return weight instanceof CodebookEncoding ? scaleCodebook(weight, axis, factor) : null;
}

function factorAt(map: ChannelMap, factor: Float64Array, index: number): number {
  return factor[channelAt(map, index)] ?? 0; // one factor a channel
}

/** Run by run, which is ten times as fast as asking for each element's channel. */
function scaleRuns(tensor: Tensor, { inner, channelOf }: ChannelMap, factor: Float64Array): Tensor {
  const values = toNumbers(tensor);
  const scaled = new Float64Array(values.length);
  for (let i = 0, run = 0; i < values.length; run++) {
    const by = factor[channelOf[run % channelOf.length] ?? 0] ?? 0; // one factor a channel
    for (const end = Math.min(i + inner, values.length); i < end; i++) scaled[i] = (values[i] ?? 0) * by;
  }
  return tensorOf(tensor.type, scaled, tensor.dims);
}

function scaleElements(tensor: Tensor, factorOf: (index: number) => number): Tensor {
  const values = toNumbers(tensor);
  const scaled = new Float64Array(values.length);
  for (let i = 0; i < values.length; i++) scaled[i] = (values[i] ?? 0) * factorOf(i);
  return tensorOf(tensor.type, scaled, tensor.dims);
}

/** Only the kept values change: gaps say where each stands, and so of which channel it is. */
function scaleSparse(weight: SparseEncoding, map: ChannelMap, factor: Float64Array): Encoding | null {
  const { gaps, values } = weight.children;
  if (!(values instanceof DenseEncoding) || !isFloat(values.type)) return null;
  // A sparse encoding takes gaps of uint8 only.
  const positions = positionsOf(gaps.decode().data as Uint8Array, weight.skip);
  const scaled = scaleElements(values.tensor, (i) => factorAt(map, factor, positions[i] ?? 0));
  return weight.withChildren({ values: dense(scaled) });
}

/** Scales take the factors. A scale is positive: what changes sign or vanishes changes codes instead. */
function scaleAffine(
  weight: AffineEncoding,
  axis: number,
  map: ChannelMap,
  factor: Float64Array,
): Encoding | null {
  const { scale, zeroPoint, storageType, axis: own } = weight.quantization;
  if (own !== null && own !== axis) return null;
  const at = own === null ? () => 0 : (channel: number) => channel;
  const zeroPoints = Int32Array.from(factor, (_, c) => zeroPoint[at(c)] ?? 0);
  const scales = Float32Array.from(factor, (f, c) => (scale[at(c)] ?? 0) * (f === 0 ? 1 : Math.abs(f)));
  if (!scales.every((s) => s > 0 && s < Infinity)) return null;
  const { codes } = weight.children;
  const signed = factor.every((f) => f > 0) ? codes : signCodes(codes, map, factor, zeroPoints, storageType);
  if (signed === null) return null;
  return new AffineEncoding(
    signed,
    quantization({ scale: scales, zeroPoint: zeroPoints, axis, storageType }),
  );
}

/** Codes mirrored at their zero point where the factor is negative, and at it where that is 0. */
function signCodes(
  codes: Encoding,
  map: ChannelMap,
  factor: Float64Array,
  zeroPoint: Int32Array,
  type: IntegerType,
): Encoding | null {
  if (!(codes instanceof DenseEncoding)) return null;
  const { min, max } = integerRange(type);
  const values = toNumbers(codes.tensor);
  const signed = new Float64Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const channel = channelAt(map, i);
    const zero = zeroPoint[channel] ?? 0;
    const code = zero + Math.sign(factor[channel] ?? 0) * ((values[i] ?? 0) - zero);
    // -128 has no mirror image in int8.
    if (code < min || code > max) return null;
    signed[i] = code;
  }
  return dense(tensorOf(type, signed, codes.dims));
}

/** One table for all channels would need another for each: that splits the clusters. */
function scaleCodebook(weight: CodebookEncoding, axis: number, factor: Float64Array): Encoding | null {
  if (weight.axis !== axis) return null;
  const { centroidCount } = weight;
  const centroids = weight.children.centroids.decode();
  const scaled = scaleElements(centroids, (i) => factor[Math.floor(i / centroidCount)] ?? 0);
  return weight.withChildren({ centroids: dense(scaled) });
}
