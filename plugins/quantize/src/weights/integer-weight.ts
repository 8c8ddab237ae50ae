import {
  affine,
  blockwise,
  CastEncoding,
  dense,
  type Encoding,
  ModelError,
  packed,
  positionsOf,
  quantization,
  SparseEncoding,
  Tensor,
  toFloat32,
  walkEncoding,
} from '@espalier/core';
import type { LayerMoments } from '../moments/collect-moments.js';
import { adaptiveTensor } from '../rounding/adaptive-tensor.js';
import { blocksOf, storedScales } from './block-scales.js';
import {
  firstNotFinite,
  largestCode,
  leastSquaresScales,
  scaleOfEach,
  slicesOf,
  symmetricCodes,
  symmetricScales,
} from './symmetric.js';
import type { WeightSettings } from './weight-settings.js';

/** Whether a tree holds integers that stand for reals already. */
export function isQuantized(encoding: Encoding): boolean {
  return hasKind(encoding, 'affine') || hasKind(encoding, 'blockwise');
}

function hasKind(encoding: Encoding, kind: string): boolean {
  for (const entry of walkEncoding(encoding)) if (entry.encoding.kind === kind) return true;
  return false;
}

/** What is known of a weight that is to be integers. */
export interface IntegerWeight {
  /** For messages. */
  readonly name: string;
  /** The dimension of output channels, or null where there is none. */
  readonly axis: number | null;
  readonly settings: WeightSettings;
  /** Lower bounds of the scales, one an output channel. */
  readonly least?: Float32Array | undefined;
  /** Of what the weights are multiplied with: for adaptive rounding. */
  readonly moments?: LayerMoments | undefined;
  /** Whether a bias takes up the mean of the error. */
  readonly isCentred?: boolean;
}

/**
 * Weights as symmetric integer codes. Zeros stay zero, so a sparse tree stays sparse, with its gaps; weights
 * that share values are given one scale for all of them, and the nearest codes, so that they still do. Groups have scales of
 * their own where the settings say so.
 *
 * @throws {ModelError} when a weight is NaN or infinite
 */
export function integerWeight(encoding: Encoding, weight: IntegerWeight): Encoding {
  const { name, axis, settings, least, moments } = weight;
  const values = toFloat32(encoding.decode());
  assertFinite(values, name);
  const shared = hasKind(encoding, 'codebook');
  const along = shared || settings.granularity === 'tensor' ? null : axis;
  const blocks = shared ? null : blocksOf(encoding.dims, axis, settings.groupSize);
  const layout = blocks?.layout ?? slicesOf(encoding.dims, along, values.length);
  const bounds = along === null && least !== undefined ? Float32Array.of(Math.max(...least)) : least;
  const largest = largestCode(settings.bits);
  const reaching = symmetricScales(values, layout, largest, bounds);
  const wanted =
    settings.range === 'mse' ? leastSquaresScales(values, layout, largest, reaching, bounds) : reaching;
  const stored = blocks && storedScales(wanted, encoding.dims.with(blocks.axis, blocks.layout.blocks));
  const scale = stored?.scales ?? wanted;
  const isAdaptive = settings.rounding === 'adaptive' && axis !== null && !shared;
  const codes =
    isAdaptive && moments?.some(({ hasProducts }) => hasProducts)
      ? adaptiveTensor(
          values,
          slicesOf(encoding.dims, axis, values.length),
          blocks === null ? scale : scaleOfEach(layout, scale, values.length),
          largest,
          { moments, isCentred: weight.isCentred ?? false },
        )
      : symmetricCodes(values, layout, scale, largest);
  const held = encodeCodes(encoding, codes, settings.bits);
  if (blocks !== null && stored !== null)
    return blockwise({ codes: held, scales: stored.encoding }, blocks.axis, settings.groupSize);
  return affine(held, quantization({ scale, axis: along }));
}

/** Codes in the shape of the tree they come from: sparse where it was, else dense. Few bits are packed. */
function encodeCodes(encoding: Encoding, codes: Int8Array, bits: number): Encoding {
  if (encoding instanceof CastEncoding) return encodeCodes(encoding.children.source, codes, bits);
  if (!(encoding instanceof SparseEncoding))
    return packedOrDense(new Tensor('int8', codes, encoding.dims), bits);
  const gaps = encoding.children.gaps.decode().data as Uint8Array; // gaps are uint8: the encoding checked it
  const places = positionsOf(gaps, encoding.skip);
  const kept = new Int8Array(places.length);
  for (let i = 0; i < kept.length; i++) kept[i] = codes[places[i] as number] as number; // places are in the tensor
  return encoding.withChildren({ values: packedOrDense(new Tensor('int8', kept), bits) });
}

function packedOrDense(codes: Tensor<'int8'>, bits: number): Encoding {
  return bits < 8 ? packed(codes, bits) : dense(codes);
}

/** @throws {ModelError} naming the first element that no scale reaches */
export function assertFinite(values: Float32Array, name: string): void {
  const index = firstNotFinite(values);
  if (index < 0) return;
  throw new ModelError({
    what: `The weight "${name}" is ${values[index]} at element ${index}.`,
    where: `constant "${name}"`,
    fix: 'Train or export the model again; no scale reaches that far.',
  });
}
