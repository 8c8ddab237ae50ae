import type { Node } from '@espalier/core';
import { planConvTranspose } from '../steps/conv-transpose.js';
import { planExtreme } from '../steps/extremes.js';
import { planGroupNorm, planLayerNorm } from '../steps/layer-norm.js';
import { planAxisOperatorPlain, planMovementInt8 } from '../steps/movement.js';
import { planRecurrent } from '../steps/recurrent.js';
import { planResizeFloat32, planResizeInt8 } from '../steps/resize.js';
import { planExpandFloat32, planSliceFloat32, planSplitFloat32 } from '../steps/views.js';
import type { FurtherOperator } from './capabilities.js';
import { type Capability, can, canClamp } from './job.js';

const axisByAxis: Capability = can('typescript', planAxisOperatorPlain);
const extreme: Capability = canClamp('float32', planExtreme);
const groupNorm: Capability = can('float32', planGroupNorm);
const layerNorm: Capability = can('float32', planLayerNorm);
const move: Capability = can('int8', planMovementInt8);
const recurrent: Capability = can('float32', planRecurrent);

/** What runs the operators that `capabilities.ts` has loaded on demand only, in float32 and where elements move. */
const furtherCapabilities: Readonly<Record<FurtherOperator, readonly Capability[]>> = {
  ConvTranspose: [canClamp('float32', planConvTranspose)],
  Expand: [move, can('float32', planExpandFloat32)],
  GRU: [recurrent],
  GroupNormalization: [groupNorm],
  InstanceNormalization: [groupNorm],
  LSTM: [recurrent],
  LayerNormalization: [layerNorm],
  Max: [extreme],
  Min: [extreme],
  RMSNormalization: [layerNorm],
  Resize: [can('int8', planResizeInt8), can('float32', planResizeFloat32), axisByAxis],
  Slice: [move, can('float32', planSliceFloat32), axisByAxis],
  Split: [move, can('float32', planSplitFloat32)],
};

/** The ways to compute these nodes. What enlarges images of codes is one more module: networks in float32 do without. */
export async function capabilitiesOf(
  nodes: readonly Node[],
): Promise<Readonly<Record<string, readonly Capability[]>>> {
  const ofCodes = nodes.some(
    ({ op, outputs }) => op === 'ConvTranspose' && outputs[0]?.type?.quantization !== undefined,
  );
  if (!ofCodes) return furtherCapabilities;
  const { planConvTransposeInt8 } = await import('../fixed-point/form.js');
  const { ConvTranspose, ...others } = furtherCapabilities;
  return { ...others, ConvTranspose: [canClamp('int8', planConvTransposeInt8), ...ConvTranspose] };
}
