import type { Tensor } from '@espalier/core';
import type { Box } from './picture.js';

/** A pixel belongs to text from this probability on: what PaddleOCR's detector post-processing takes. */
const threshold = 0.3;
/** Fewer pixels are specks. */
const leastPixels = 60;

/**
 * Bounding boxes of the connected regions of text.
 *
 * @param probability - float32 [1, 1, height, width]: the detector's output
 */
export function textBoxes(probability: Tensor): readonly Box[] {
  const [, , height = 0, width = 0] = probability.dims;
  const map = probability.data as Float32Array;
  const seen = new Uint8Array(map.length);
  const boxes: Box[] = [];
  for (let start = 0; start < map.length; start++) {
    if (seen[start] === 1 || (map[start] ?? 0) < threshold) continue;
    const region = flood(map, seen, start, width);
    if (region.pixels >= leastPixels) boxes.push(grow(region, width, height));
  }
  return boxes;
}

interface Region extends Box {
  readonly pixels: number;
}

function flood(map: Float32Array, seen: Uint8Array, start: number, width: number): Region {
  const stack = [start];
  seen[start] = 1;
  let [left, top, right, bottom, pixels] = [Infinity, Infinity, 0, 0, 0];
  for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
    const x = at % width;
    const y = Math.floor(at / width);
    [left, top, right, bottom] = [
      Math.min(left, x),
      Math.min(top, y),
      Math.max(right, x + 1),
      Math.max(bottom, y + 1),
    ];
    pixels++;
    for (const next of [x > 0 ? at - 1 : -1, x < width - 1 ? at + 1 : -1, at - width, at + width]) {
      if (next < 0 || next >= map.length || seen[next] === 1 || (map[next] ?? 0) < threshold) continue;
      seen[next] = 1;
      stack.push(next);
    }
  }
  return { left, top, right, bottom, pixels };
}

/** The detector marks the core of a line; the line itself is taller by about its core's height. */
function grow(box: Box, width: number, height: number): Box {
  const by = Math.round((box.bottom - box.top) * 0.45);
  return {
    left: Math.max(0, box.left - by),
    top: Math.max(0, box.top - by),
    right: Math.min(width, box.right + by),
    bottom: Math.min(height, box.bottom + by),
  };
}

/** Area of the intersection over that of the union, 0 to 1. */
export function overlap(a: Box, b: Box): number {
  const width = Math.min(a.right, b.right) - Math.max(a.left, b.left);
  const height = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
  if (width <= 0 || height <= 0) return 0;
  const area = (box: Box): number => (box.right - box.left) * (box.bottom - box.top);
  return (width * height) / (area(a) + area(b) - width * height);
}

/** How many boxes of `expected` have one in `actual` that overlaps by at least a half. */
export function matched(expected: readonly Box[], actual: readonly Box[]): number {
  return expected.filter((box) => actual.some((other) => overlap(box, other) >= 0.5)).length;
}
