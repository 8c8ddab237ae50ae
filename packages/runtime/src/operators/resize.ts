import { clamp, type IntegerType, integerRange, isFloat, roundHalfEven, Tensor } from '@espalier/core';
import { pickByTables } from './axis-tables.js';
import { cubicWeight } from './cubic.js';
import { checkedCount, doublesOf, moved, numbersOf, storageFor, tensorFromDoubles } from './elements.js';
import { shapeError, unsupported } from './failures.js';
import { required } from './inputs.js';
import type { AxisResampling, Inputs, NamedCall, OperatorFamily } from './operator.js';
import { type AxisResize, isIdentity, readResize, sourceCoordinates } from './resize-coordinates.js';
import { splitAt } from './strides.js';
import { allTypes } from './type-sets.js';

// Indices below run within the arrays they index: `!` drops the undefined that TypeScript adds.

/** Resize by nearest, linear and cubic interpolation, each axis for itself. */
export const resizes: OperatorFamily = {
  Resize: { types: allTypes, run: (inputs, call) => [resize(inputs, call)], resampling },
};

function resize(inputs: Inputs, call: NamedCall): Tensor {
  const x = required(inputs, 0, call);
  const axes = readResize(inputs, call);
  const dims = axes.map((axis) => axis.outputSize);
  if (x.size === 0 && dims.every((dim) => dim > 0))
    throw shapeError(call, 'the input is empty, the output is not.');
  checkedCount(dims, call);
  const mode = call.attributes.string('mode', 'nearest');
  if (mode === 'nearest') return nearest(x, axes, dims, call);
  if (mode === 'linear' || mode === 'cubic') return interpolated(x, axes, filterOf(mode, call), call);
  throw unsupported(call, `mode "${mode}" is unknown.`, 'Use nearest, linear or cubic.');
}

const nearestModes: Readonly<Record<string, (x: number) => number>> = {
  round_prefer_floor: (x) => Math.ceil(x - 0.5),
  round_prefer_ceil: (x) => Math.floor(x + 0.5),
  floor: Math.floor,
  ceil: Math.ceil,
};

function nearest(x: Tensor, axes: readonly AxisResize[], dims: readonly number[], call: NamedCall): Tensor {
  const name = call.attributes.string('nearest_mode', 'round_prefer_floor');
  const pick = nearestModes[name];
  if (pick === undefined) throw unsupported(call, `nearest_mode "${name}" is unknown.`);
  const tables = axes.map((axis) => {
    if (isIdentity(axis)) return Int32Array.from({ length: axis.outputSize }, (_, i) => i);
    return Int32Array.from(sourceCoordinates(axis), (coordinate) =>
      Number.isNaN(coordinate) ? -1 : clamp(pick(coordinate), 0, axis.inputSize - 1),
    );
  });
  const data = storageFor(x.type, dims, call);
  // Only a crop leaves elements that no source is picked for.
  const extrapolation = call.attributes.float('extrapolation_value', 0);
  if (extrapolation !== 0) {
    const fill = tensorFromDoubles(x.type, Float64Array.of(extrapolation), [1], call);
    moved(data).fill(moved(fill.data)[0]!);
  }
  pickByTables(moved(data), moved(x.data), x.dims, tables);
  return new Tensor(x.type, data, dims);
}

/** Weight of a source element at a distance, in source elements; 0 beyond `reach`. */
interface Filter {
  readonly reach: number;
  weight(distance: number): number;
}

function filterOf(mode: 'linear' | 'cubic', call: NamedCall): Filter {
  if (mode === 'linear') return { reach: 1, weight: (t) => Math.max(0, 1 - Math.abs(t)) };
  const a = call.attributes.float('cubic_coeff_a', -0.75);
  return { reach: 2, weight: (t) => cubicWeight(Math.abs(t), a) };
}

function interpolated(x: Tensor, axes: readonly AxisResize[], filter: Filter, call: NamedCall): Tensor {
  let values = x.type === 'float64' ? (numbersOf(x) as Float64Array) : doublesOf(x);
  const dims = [...x.dims];
  for (const [axis, resizing] of axes.entries()) {
    if (isIdentity(resizing)) continue;
    const split = splitAt(dims, axis);
    dims[axis] = resizing.outputSize;
    const out = storageFor('float64', dims, call) as Float64Array;
    const taps = tapsOf(resizing, filter, call);
    for (let o = 0; o < split.outer; o++) {
      for (const [i, tap] of taps.entries()) {
        const at = (o * taps.length + i) * split.inner;
        if (tap === null) out.fill(call.attributes.float('extrapolation_value', 0), at, at + split.inner);
        else mix(values, o * split.length * split.inner, split.inner, tap, out, at);
      }
    }
    values = out;
  }
  return tensorFromDoubles(x.type, rounded(values, x), dims, call);
}

/** Integers get the nearest value their type holds. */
function rounded(values: Float64Array, x: Tensor): Float64Array {
  if (isFloat(x.type)) return values;
  if (x.type === 'int64' || x.type === 'uint64') return values.map(roundHalfEven);
  const { min, max } = x.type === 'bool' ? { min: 0, max: 1 } : integerRange(x.type as IntegerType);
  return values.map((value) => clamp(roundHalfEven(value), min, max));
}

/** The sums of `interpolated`. */
function resampling(inputs: Inputs, call: NamedCall): AxisResampling[] {
  const mode = call.attributes.string('mode', 'nearest');
  if (mode !== 'linear' && mode !== 'cubic') throw unsupported(call, `mode "${mode}" does not mix elements.`);
  const filter = filterOf(mode, call);
  const extrapolation = call.attributes.float('extrapolation_value', 0);
  return readResize(inputs, call).map((axis) => {
    if (isIdentity(axis)) return null;
    const taps = tapsOf(axis, filter, call);
    const none = (taps.find((tap) => tap !== null)?.indices ?? [0]).map(() => -1);
    return taps.map((tap) =>
      tap === null
        ? { start: extrapolation, places: none, weights: none }
        : { start: 0, places: tap.indices, weights: tap.weights },
    );
  });
}

interface Tap {
  readonly indices: readonly number[];
  readonly weights: readonly number[];
}

function mix(
  from: Float64Array,
  start: number,
  inner: number,
  tap: Tap,
  out: Float64Array,
  at: number,
): void {
  for (const [t, index] of tap.indices.entries()) {
    const weight = tap.weights[t]!;
    const source = start + index * inner;
    for (let n = 0; n < inner; n++) out[at + n] = out[at + n]! + weight * from[source + n]!;
  }
}

/** For each output index the source elements it mixes; null where the crop reaches beyond the input. */
function tapsOf(axis: AxisResize, filter: Filter, call: NamedCall): (Tap | null)[] {
  const antialias = call.attributes.int('antialias', 0) !== 0;
  const excludeOutside = call.attributes.int('exclude_outside', 0) !== 0;
  // Downsampling with antialias stretches the filter over all the elements that make one.
  const squeeze = antialias ? Math.min(1, axis.scale) : 1;
  const first = Math.floor(-filter.reach / squeeze) + 1;
  const count = 2 - 2 * first;
  return Array.from(sourceCoordinates(axis), (coordinate) => {
    if (Number.isNaN(coordinate)) return null;
    // The element at or before the coordinate; one that is hit exactly counts as the next.
    const base = Math.ceil(coordinate) - 1;
    const places = Array.from({ length: count }, (_, i) => base + first + i);
    const weights = places.map((place) => {
      if (excludeOutside && (place < 0 || place >= axis.inputSize)) return 0;
      return filter.weight((place - coordinate) * squeeze);
    });
    const sum = weights.reduce((total, weight) => total + weight, 0);
    const scale = (antialias || excludeOutside) && sum !== 0 ? 1 / sum : 1;
    return {
      indices: places.map((place) => clamp(place, 0, axis.inputSize - 1)),
      weights: weights.map((weight) => weight * scale),
    };
  });
}
