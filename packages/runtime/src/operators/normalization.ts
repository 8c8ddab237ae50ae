import type { Tensor } from '@espalier/core';
import { stretchedView } from './broadcast.js';
import {
  type Numbers,
  numbersFor,
  numbersOf,
  storageFor,
  tensorFrom,
  tensorFromDoubles,
} from './elements.js';
import { shapeError, unsupported } from './failures.js';
import { optional, required, resolveAxes, resolveAxis, shown } from './inputs.js';
import type { Inputs, NamedCall, OperatorFamily, Outputs } from './operator.js';
import { reducedShape } from './reductions.js';
import { forEachRow, splitAt } from './strides.js';
import { floatTypes } from './type-sets.js';

// Indices below run within the arrays they index: `!` drops the undefined that TypeScript adds.

/** Normalizations, as at inference. Means and variances are kept in double. */
export const normalizations: OperatorFamily = {
  BatchNormalization: { types: floatTypes, required: 5, run: batchNormalization },
  InstanceNormalization: { types: floatTypes, required: 3, run: instanceNormalization },
  GroupNormalization: { types: floatTypes, required: 3, run: groupNormalization },
  LayerNormalization: { types: floatTypes, required: 2, run: layerNormalization },
  RMSNormalization: { types: floatTypes, required: 2, run: rmsNormalization },
  MeanVarianceNormalization: { types: floatTypes, run: meanVarianceNormalization },
  LpNormalization: { types: floatTypes, run: lpNormalization },
  LRN: { types: floatTypes, run: localResponseNormalization },
};

const defaultEpsilon = Math.fround(1e-5);

/** y = scale * (x - mean) / sqrt(var + epsilon) + bias, all of them one a channel. */
function batchNormalization(inputs: Inputs, call: NamedCall): Outputs {
  if (call.attributes.int('training_mode', 0) !== 0) {
    throw unsupported(call, 'training_mode 1 is not supported.', 'Export the model for inference.');
  }
  const x = required(inputs, 0, call);
  const channels = x.dims[1] ?? 1;
  const [scale, bias, mean, variance] = [1, 2, 3, 4].map((i) => perChannel(inputs, i, channels, call)) as [
    Numbers,
    Numbers,
    Numbers,
    Numbers,
  ];
  const epsilon = call.attributes.float('epsilon', defaultEpsilon);
  const { outer, inner } = x.dims.length > 1 ? splitAt(x.dims, 1) : { outer: x.size, inner: 1 };
  const values = numbersOf(x);
  const out = numbersFor(x.type, x.dims, call);
  for (let o = 0; o < outer; o++) {
    for (let c = 0; c < channels; c++) {
      const factor = scale[c]! / Math.sqrt(variance[c]! + epsilon);
      const start = (o * channels + c) * inner;
      for (let i = start; i < start + inner; i++) out[i] = (values[i]! - mean[c]!) * factor + bias[c]!;
    }
  }
  return [tensorFrom(x.type, out, x.dims)];
}

function perChannel(inputs: Inputs, index: number, channels: number, call: NamedCall): Numbers {
  const tensor = required(inputs, index, call);
  if (tensor.size === channels) return numbersOf(tensor);
  throw shapeError(call, `input ${index} is of shape ${shown(tensor.dims)}, [${channels}] is expected.`);
}

interface Moments {
  readonly mean: number;
  /** Mean squared distance from the mean. */
  readonly variance: number;
}

/** In two passes: the sum of squares less the square of the sum would cancel. */
function momentsOf(x: Numbers, start: number, end: number): Moments {
  let sum = 0;
  for (let i = start; i < end; i++) sum += x[i]!;
  const mean = sum / (end - start);
  let squares = 0;
  for (let i = start; i < end; i++) squares += (x[i]! - mean) ** 2;
  return { mean, variance: squares / (end - start) };
}

function instanceNormalization(inputs: Inputs, call: NamedCall): Outputs {
  return normalizeGroups(inputs, required(inputs, 0, call).dims[1] ?? 1, call);
}

function groupNormalization(inputs: Inputs, call: NamedCall): Outputs {
  return normalizeGroups(inputs, call.attributes.int('num_groups', 0), call);
}

/** Normalizes the channels of each group together; scale and bias are one a channel. */
function normalizeGroups(inputs: Inputs, groups: number, call: NamedCall): Outputs {
  const x = required(inputs, 0, call);
  const [batch, channels] = x.dims;
  if (batch === undefined || channels === undefined) {
    throw shapeError(call, `the input has shape ${shown(x.dims)}, [N, C, ...] is expected.`);
  }
  if (groups < 1 || channels % groups !== 0) {
    throw shapeError(call, `${groups} groups do not divide ${channels} channels.`);
  }
  const [scale, bias] = [perChannel(inputs, 1, channels, call), perChannel(inputs, 2, channels, call)];
  const epsilon = call.attributes.float('epsilon', defaultEpsilon);
  const { inner } = splitAt(x.dims, 1);
  const values = numbersOf(x);
  const out = numbersFor(x.type, x.dims, call);
  const perGroup = channels / groups;
  for (let g = 0; g < batch * groups; g++) {
    const start = g * perGroup * inner;
    const { mean, variance } = momentsOf(values, start, start + perGroup * inner);
    const factor = 1 / Math.sqrt(variance + epsilon);
    for (let i = start; i < start + perGroup * inner; i++) {
      const c = Math.floor(i / inner) % channels;
      out[i] = (values[i]! - mean) * factor * scale[c]! + bias[c]!;
    }
  }
  return [tensorFrom(x.type, out, x.dims)];
}

/** Also gives the mean and 1 / standard deviation of each group of elements, if asked for. */
function layerNormalization(inputs: Inputs, call: NamedCall): Outputs {
  const x = required(inputs, 0, call);
  const axis = resolveAxis(call.attributes.int('axis', -1), x.dims.length, call);
  const epsilon = call.attributes.float('epsilon', defaultEpsilon);
  const statisticDims = x.dims.map((dim, i) => (i < axis ? dim : 1));
  const values = numbersOf(x);
  const normal = storageFor('float64', x.dims, call) as Float64Array;
  const means = storageFor('float64', statisticDims, call) as Float64Array;
  const inverses = storageFor('float64', statisticDims, call) as Float64Array;
  const size = means.length === 0 ? 0 : x.size / means.length;
  for (let row = 0; row < means.length; row++) {
    const start = row * size;
    const { mean, variance } = momentsOf(values, start, start + size);
    const inverse = 1 / Math.sqrt(variance + epsilon);
    for (let i = start; i < start + size; i++) normal[i] = (values[i]! - mean) * inverse;
    means[row] = mean;
    inverses[row] = inverse;
  }
  stretch(normal, x.dims, required(inputs, 1, call), (value, scale) => value * scale, call);
  const bias = optional(inputs, 2);
  if (bias !== null) stretch(normal, x.dims, bias, (value, shift) => value + shift, call);
  // The statistics are of the type they are computed in, `stash_type`: float32 unless x is float64.
  const statisticType = x.type === 'float64' ? 'float64' : 'float32';
  return [
    tensorFromDoubles(x.type, normal, x.dims, call),
    call.outputs[1] ? tensorFromDoubles(statisticType, means, statisticDims, call) : null,
    call.outputs[2] ? tensorFromDoubles(statisticType, inverses, statisticDims, call) : null,
  ];
}

/** x / sqrt(mean(x^2) + epsilon) * scale over the last axes. Zhang and Sennrich 2019 (arXiv:1910.07467). */
function rmsNormalization(inputs: Inputs, call: NamedCall): Outputs {
  const x = required(inputs, 0, call);
  const scale = required(inputs, 1, call);
  const axis = resolveAxis(call.attributes.int('axis', -1), x.dims.length, call);
  const epsilon = call.attributes.float('epsilon', defaultEpsilon);
  const size = x.dims.slice(axis).reduce((a, b) => a * b, 1);
  const values = numbersOf(x);
  const normal = storageFor('float64', x.dims, call) as Float64Array;
  for (let start = 0; start < x.size; start += size) {
    let squares = 0;
    for (let i = start; i < start + size; i++) squares += values[i]! ** 2;
    const factor = 1 / Math.sqrt(squares / size + epsilon);
    for (let i = start; i < start + size; i++) normal[i] = values[i]! * factor;
  }
  stretch(normal, x.dims, scale, (value, factor) => value * factor, call);
  return [tensorFromDoubles(scale.type, normal, x.dims, call)];
}

/** Combines each element with that of `other`, which is stretched to the same shape. */
function stretch(
  values: Float64Array,
  dims: readonly number[],
  other: Tensor,
  f: (value: number, other: number) => number,
  call: NamedCall,
): void {
  const others = numbersOf(other);
  forEachRow(dims, [stretchedView(other.dims, dims, call)], (at, [start = 0], length, [step = 0]) => {
    for (let i = 0; i < length; i++) values[at + i] = f(values[at + i]!, others[start + i * step]!);
  });
}

/** (x - mean) / (standard deviation + 1e-9) over `axes`; the small term is that of ONNX's definition. */
function meanVarianceNormalization(inputs: Inputs, call: NamedCall): Outputs {
  const x = required(inputs, 0, call);
  const axes = resolveAxes(call.attributes.ints('axes', [0, 2, 3]), x.dims.length, call);
  const { bases, offsets } = reducedShape(x.dims, axes, false);
  const values = numbersOf(x);
  const out = numbersFor(x.type, x.dims, call);
  for (const base of bases) {
    const group = Float64Array.from(offsets, (offset) => values[base + offset]!);
    const { mean, variance } = momentsOf(group, 0, group.length);
    const factor = 1 / (Math.sqrt(variance) + 1e-9);
    for (const offset of offsets) out[base + offset] = (values[base + offset]! - mean) * factor;
  }
  return [tensorFrom(x.type, out, x.dims)];
}

/** x / p-norm along an axis; a line of zeros stays zero. */
function lpNormalization(inputs: Inputs, call: NamedCall): Outputs {
  const x = required(inputs, 0, call);
  const axis = resolveAxis(call.attributes.int('axis', -1), x.dims.length, call);
  const p = call.attributes.int('p', 2);
  if (p !== 1 && p !== 2) throw unsupported(call, `p is ${p}; 1 and 2 are supported.`);
  const { bases, offsets } = reducedShape(x.dims, [axis], false);
  const values = numbersOf(x);
  const out = numbersFor(x.type, x.dims, call);
  for (const base of bases) {
    let total = 0;
    for (const offset of offsets) total += Math.abs(values[base + offset]!) ** p;
    const norm = p === 1 ? total : Math.sqrt(total);
    for (const offset of offsets) out[base + offset] = norm === 0 ? 0 : values[base + offset]! / norm;
  }
  return [tensorFrom(x.type, out, x.dims)];
}

/** x / (bias + alpha / size * sum of squares of `size` neighbouring channels) ^ beta. */
function localResponseNormalization(inputs: Inputs, call: NamedCall): Outputs {
  const x = required(inputs, 0, call);
  const size = call.attributes.int('size', 0);
  if (size < 1) throw shapeError(call, `size is ${size}.`);
  const alpha = call.attributes.float('alpha', Math.fround(1e-4));
  const beta = call.attributes.float('beta', 0.75);
  const bias = call.attributes.float('bias', 1);
  const { outer, length: channels, inner } = splitAt(x.dims, resolveAxis(1, x.dims.length, call));
  const [below, above] = [Math.floor((size - 1) / 2), Math.ceil((size - 1) / 2)];
  const values = numbersOf(x);
  const out = numbersFor(x.type, x.dims, call);
  for (let o = 0; o < outer; o++) {
    for (let c = 0; c < channels; c++) {
      const [first, last] = [Math.max(0, c - below), Math.min(channels - 1, c + above)];
      for (let n = 0; n < inner; n++) {
        let squares = 0;
        for (let i = first; i <= last; i++) squares += values[(o * channels + i) * inner + n]! ** 2;
        const at = (o * channels + c) * inner + n;
        out[at] = values[at]! / (bias + (alpha / size) * squares) ** beta;
      }
    }
  }
  return [tensorFrom(x.type, out, x.dims)];
}
