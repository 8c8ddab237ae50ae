import { type Attribute, string, tensorOf, toNumbers, type Value } from '@espalier/core';
import type { SourceOp } from '../source-op.js';
import type { AdapterTable } from './adapter.js';

/** @see ONNX Upsample-1: an image of [N, C, H, W] and two factors */
function upsampleImage(node: SourceOp): void {
  const factors = [node.attributes.float('height_scale'), node.attributes.float('width_scale')];
  if (factors.includes(undefined)) throw node.malformed('A scale is missing.');
  asymmetric(node, node.constant(tensorOf('float32', [1, 1, ...factors.map(Number)]), 'scales'), 'floor');
}

/** @see ONNX Upsample-7 */
function upsampleByAttribute(node: SourceOp): void {
  const scales = node.attributes.floats('scales');
  if (scales === undefined) throw node.malformed('The attribute "scales" is missing.');
  asymmetric(node, node.constant(tensorOf('float32', scales), 'scales'), 'floor');
}

/** @see ONNX Upsample-9: scales are at least 1 */
function upsample(node: SourceOp): void {
  asymmetric(node, node.need(1), 'floor');
}

/** @see ONNX Resize-10, whose tests round the source position up where they scale down */
function resizeFirst(node: SourceOp): void {
  const scales = node.constantInput(1);
  const isNearest = node.attributes.string('mode', 'nearest') === 'nearest';
  if (scales === null && isNearest) throw node.unsupported('the scales of opset 10 are computed');
  const factors = scales === null ? [] : Array.from(toNumbers(scales));
  const shrinks = factors.some((factor) => factor < 1);
  if (isNearest && shrinks && factors.some((factor) => factor > 1)) {
    throw node.unsupported('it grows one dimension and shrinks another, by nearest neighbour of opset 10');
  }
  asymmetric(node, node.need(1), shrinks ? 'ceil' : 'floor');
}

function asymmetric(node: SourceOp, scales: Value, nearestMode: 'floor' | 'ceil'): void {
  const mode = node.attributes.string('mode', 'nearest');
  node.finish('Resize', [node.need(0), null, scales], {
    mode: string(mode === 'nearest' ? 'nearest' : 'linear'),
    coordinate_transformation_mode: string('asymmetric'),
    nearest_mode: string(nearestMode),
  });
}

/**
 * `tf_half_pixel_for_nn` lies half a pixel to the right of `half_pixel`; with the rounding moved
 * likewise they pick the same neighbour. @see ONNX Resize-11
 */
const halfPixelRounding: Readonly<Record<string, string>> = {
  floor: 'round_prefer_ceil',
  round_prefer_floor: 'ceil',
};

function resizeEleven(node: SourceOp): void {
  if (node.attributes.string('coordinate_transformation_mode') !== 'tf_half_pixel_for_nn') {
    resize(node);
    return;
  }
  const rounding = halfPixelRounding[node.attributes.string('nearest_mode', 'round_prefer_floor')];
  if (node.attributes.string('mode', 'nearest') !== 'nearest' || rounding === undefined) {
    throw node.unsupported('tf_half_pixel_for_nn has no counterpart in later opsets');
  }
  resize(node, { coordinate_transformation_mode: string('half_pixel'), nearest_mode: string(rounding) });
}

/** Opset 11 had no way to leave `roi` and `scales` out but an empty tensor. */
function resize(node: SourceOp, changes: Readonly<Record<string, Attribute>> = {}): void {
  const usesRoi = node.attributes.string('coordinate_transformation_mode') === 'tf_crop_and_resize';
  const inputs = node.inputs.map((value, index) => {
    const isEmpty = index > 0 && node.staticDims(index)?.[0] === 0;
    return isEmpty || (index === 1 && !usesRoi) ? null : value;
  });
  node.finish('Resize', inputs, node.attributes.with(changes));
}

export const resizingAdapters: AdapterTable = {
  Upsample: [
    { before: 7, adapt: upsampleImage },
    { before: 9, adapt: upsampleByAttribute },
    { before: Infinity, adapt: upsample },
  ],
  Resize: [
    { before: 11, adapt: resizeFirst },
    { before: 13, adapt: resizeEleven },
    { before: Infinity, adapt: (node) => resize(node) },
  ],
};
