import { roundHalfEven, type Tensor } from '@espalier/core';
import { cubicWeight } from './cubic.js';
import { type Numbers, numbersFor, numbersOf, tensorFrom } from './elements.js';
import { shapeError, unsupported } from './failures.js';
import { required, shown } from './inputs.js';
import type { Inputs, NamedCall, OperatorFamily } from './operator.js';
import { floatTypes } from './type-sets.js';

// Indices below run within the arrays they index: `!` drops the undefined that TypeScript adds.

/** GridSample of images and volumes. */
export const gridSamples: OperatorFamily = {
  GridSample: { types: floatTypes, required: 2, run: (inputs, call) => [gridSample(inputs, call)] },
};

/** The elements that one coordinate on one axis mixes. Index -1 stands for a zero beyond the edge. */
interface Taps {
  readonly indices: readonly number[];
  readonly weights: readonly number[];
}

/**
 * x [N, C, D..., H, W] sampled at grid [N, ..., axes]; coordinates go from the last axis to the first,
 * -1 and 1 are the borders.
 */
function gridSample(inputs: Inputs, call: NamedCall): Tensor {
  const [x, grid] = [required(inputs, 0, call), required(inputs, 1, call)];
  const [batch, channels, ...spatial] = x.dims;
  const rank = spatial.length;
  const fits = grid.dims.length === rank + 2 && grid.dims[0] === batch && grid.dims.at(-1) === rank;
  if (batch === undefined || channels === undefined || rank < 1 || rank > 3 || !fits) {
    throw shapeError(call, `a grid of shape ${shown(grid.dims)} does not fit an input ${shown(x.dims)}.`);
  }
  const targets = grid.dims.slice(1, -1);
  const dims = [batch, channels, ...targets];
  const out = numbersFor(x.type, dims, call);
  const [values, places] = [numbersOf(x), numbersOf(grid)];
  const tapsAt = spatial.map((size) => sampler(size, call));
  const plane = spatial.reduce((a, b) => a * b, 1);
  const points = targets.reduce((a, b) => a * b, 1);
  for (let n = 0; n < batch; n++) {
    for (let p = 0; p < points; p++) {
      const start = (n * points + p) * rank;
      const taps = tapsAt.map((sample, axis) => sample(places[start + rank - 1 - axis]!));
      for (let c = 0; c < channels; c++) {
        const base = (n * channels + c) * plane;
        out[(n * channels + c) * points + p] = mixed(values, base, spatial, taps, 0);
      }
    }
  }
  return tensorFrom(x.type, out, dims);
}

/** The weighted sum over the taps of this axis and all after it. */
function mixed(
  x: Numbers,
  base: number,
  spatial: readonly number[],
  taps: readonly Taps[],
  axis: number,
): number {
  const { indices, weights } = taps[axis]!;
  const inner = spatial.slice(axis + 1).reduce((a, b) => a * b, 1);
  let sum = 0;
  for (const [i, index] of indices.entries()) {
    if (index < 0) continue;
    const at = base + index * inner;
    sum += weights[i]! * (axis === taps.length - 1 ? x[at]! : mixed(x, at, spatial, taps, axis + 1));
  }
  return sum;
}

/** How one axis of `size` elements turns a coordinate of the grid into taps, as the attributes say. */
function sampler(size: number, call: NamedCall): (coordinate: number) => Taps {
  const mode = call.attributes.string('mode', 'linear');
  const padding = call.attributes.string('padding_mode', 'zeros');
  const align = call.attributes.int('align_corners', 0) !== 0;
  if (!['zeros', 'border', 'reflection'].includes(padding)) {
    throw unsupported(call, `padding_mode "${padding}" is unknown.`, 'Use zeros, border or reflection.');
  }
  // Where reflection mirrors: at the centres of the outermost elements, or at their outer edges.
  const [low, high] = align ? [0, size - 1] : [-0.5, size - 0.5];
  const inside = (index: number): number => {
    if (index >= 0 && index < size) return index;
    // NaN and infinite coordinates have no neighbours to mix.
    if (padding === 'zeros' || Number.isNaN(index)) return -1;
    const near = padding === 'reflection' ? Math.round(reflect(index, low, high)) : index;
    return Math.min(size - 1, Math.max(0, near));
  };
  // Linear and nearest sampling bring the coordinate itself back in first, cubic only its neighbours.
  const bounded = (x: number): number => {
    if (padding === 'border') return Math.min(Math.max(x, 0), size - 1);
    return padding === 'reflection' ? reflect(x, low, high) : x;
  };
  const tapsOf = filterOf(mode, call);
  return (coordinate) => {
    const exact = align ? ((coordinate + 1) / 2) * (size - 1) : ((coordinate + 1) * size - 1) / 2;
    const { indices, weights } = tapsOf(mode === 'cubic' ? exact : bounded(exact));
    return { indices: indices.map(inside), weights };
  };
}

/** Mirrors x at both borders until it lies between them. */
function reflect(x: number, low: number, high: number): number {
  const range = high - low;
  if (range <= 0) return low;
  const phase = Math.abs(x - low) % (2 * range);
  return low + (phase <= range ? phase : 2 * range - phase);
}

function filterOf(mode: string, call: NamedCall): (x: number) => Taps {
  if (mode === 'nearest') return (x) => ({ indices: [roundHalfEven(x)], weights: [1] });
  if (mode === 'linear') {
    return (x) => {
      const floor = Math.floor(x);
      return { indices: [floor, floor + 1], weights: [1 - (x - floor), x - floor] };
    };
  }
  if (mode === 'cubic') {
    return (x) => {
      const floor = Math.floor(x);
      const indices = [floor - 1, floor, floor + 1, floor + 2];
      return { indices, weights: indices.map((index) => cubicWeight(Math.abs(x - index), -0.75)) };
    };
  }
  throw unsupported(call, `mode "${mode}" is unknown.`, 'Use linear, nearest or cubic.');
}
