import { clamp, type DataType, type IntegerType, integerRange, roundHalfEven, Tensor } from '@espalier/core';
import { convShape } from './conv.js';
import { convolve } from './convolution.js';
import { type Numbers, numbersOf, storageFor, tensorFromDoubles } from './elements.js';
import { shapeError, unsupported } from './failures.js';
import { optional, required, shown } from './inputs.js';
import { productShape } from './matmul.js';
import { multiply } from './matrix-product.js';
import type { Inputs, NamedCall, OperatorFamily } from './operator.js';
import { forEachRow, type View } from './strides.js';
import { byteTypes } from './type-sets.js';

// Indices below run within the arrays they index: `!` drops the undefined that TypeScript adds.

/**
 * Products of 8-bit integers. Sums are kept in double, exact up to 2^53, and wrap only as they are stored
 * as int32.
 */
export const quantizedProducts: OperatorFamily = {
  MatMulInteger: { types: byteTypes, required: 2, run: (inputs, call) => [matMulInteger(inputs, call)] },
  QLinearMatMul: { types: byteTypes, required: 8, run: (inputs, call) => [qLinearMatMul(inputs, call)] },
  ConvInteger: { types: byteTypes, required: 2, run: (inputs, call) => [convInteger(inputs, call)] },
  QLinearConv: { types: byteTypes, required: 8, run: (inputs, call) => [qLinearConv(inputs, call)] },
};

function matMulInteger(inputs: Inputs, call: NamedCall): Tensor {
  const [a, b] = [required(inputs, 0, call), required(inputs, 1, call)];
  const { sums, dims } = matMulSums(a, optional(inputs, 2), b, optional(inputs, 3), call);
  return tensorFromDoubles('int32', sums, dims, call);
}

function qLinearMatMul(inputs: Inputs, call: NamedCall): Tensor {
  const [a, aScale, aZero, b, bScale, bZero, yScale, yZero] = [0, 1, 2, 3, 4, 5, 6, 7].map((i) =>
    required(inputs, i, call),
  ) as [Tensor, Tensor, Tensor, Tensor, Tensor, Tensor, Tensor, Tensor];
  const { sums, dims } = matMulSums(a, aZero, b, bZero, call);
  // a and y have their parameters by row, b by column.
  const views = [
    parameterView(aScale, dims, -2, call),
    parameterView(bScale, dims, -1, call),
    parameterView(yScale, dims, -2, call),
    parameterView(yZero, dims, -2, call),
  ];
  return requantized(sums, dims, [aScale, bScale, yScale], yZero, views, call);
}

/** Sums of (a - aZero) * (b - bZero). */
function matMulSums(
  a: Tensor,
  aZero: Tensor | null,
  b: Tensor,
  bZero: Tensor | null,
  call: NamedCall,
): { readonly sums: Float64Array; readonly dims: readonly number[] } {
  const shape = productShape(a.dims, b.dims, call);
  const sums = storageFor('float64', shape.dims, call) as Float64Array;
  const left = centred(a, aZero, -2, call);
  const right = centred(b, bZero, -1, call);
  shape.eachPair((p, q, start) => multiply(left, p, right, q, sums, start, shape.size));
  return { sums, dims: shape.dims };
}

function convInteger(inputs: Inputs, call: NamedCall): Tensor {
  const { sums, dims } = convSums(inputs, [0, 2], [1, 3], null, call);
  return tensorFromDoubles('int32', sums, dims, call);
}

function qLinearConv(inputs: Inputs, call: NamedCall): Tensor {
  const scales = [1, 4, 6].map((i) => required(inputs, i, call));
  const yZero = required(inputs, 7, call);
  const { sums, dims } = convSums(inputs, [0, 2], [3, 5], optional(inputs, 8), call);
  const views = [...scales, yZero].map((tensor) => parameterView(tensor, dims, 1 - dims.length, call));
  return requantized(sums, dims, scales, yZero, views, call);
}

/** Sums of (x - xZero) * (w - wZero), plus an int32 bias; the pairs say which inputs these are. */
function convSums(
  inputs: Inputs,
  [x, xZero]: readonly [number, number],
  [w, wZero]: readonly [number, number],
  bias: Tensor | null,
  call: NamedCall,
): { readonly sums: Float64Array; readonly dims: readonly number[] } {
  const [input, weights] = [required(inputs, x, call), required(inputs, w, call)];
  const { dims, counts, window } = convShape(input.dims, weights.dims, bias, call);
  const sums = storageFor('float64', dims, call) as Float64Array;
  // Padding stands for the real 0, which the zero point is: after centring that is 0 again.
  const values = centred(input, optional(inputs, xZero), null, call);
  const kernels = centred(weights, optional(inputs, wZero), -weights.dims.length, call);
  convolve(values, kernels, bias && numbersOf(bias), sums, counts, window);
  return { sums, dims };
}

/** The elements less their zero point: one for all, or one for each index of an axis (from the back). */
function centred(tensor: Tensor, zeroPoint: Tensor | null, axis: number | null, call: NamedCall): Numbers {
  const values = numbersOf(tensor);
  if (zeroPoint === null) return values;
  if (zeroPoint.type !== tensor.type) {
    throw unsupported(call, `a zero point is ${zeroPoint.type}, its tensor ${tensor.type}.`);
  }
  const zeros = numbersOf(zeroPoint);
  if (axis === null && zeroPoint.size !== 1) throw shapeError(call, 'the zero point of x must be a scalar.');
  const view = parameterView(zeroPoint, tensor.dims, axis ?? -1, call);
  const out = new Int32Array(values.length);
  forEachRow(tensor.dims, [view], (at, [start = 0], length, [step = 0]) => {
    for (let i = 0; i < length; i++) out[at + i] = values[at + i]! - zeros[start + i * step]!;
  });
  return out;
}

/**
 * How a scale or zero point lies over a tensor: a scalar over all, a vector over `axis` (from the back),
 * or stacks of such vectors with that axis kept and the other matrix axis 1.
 */
function parameterView(parameter: Tensor, dims: readonly number[], axis: number, call: NamedCall): View {
  const none = dims.map(() => 0);
  if (parameter.size === 1) return { start: 0, strides: none };
  const place = dims.length + axis;
  if (parameter.dims.length === 1 && parameter.size === dims[place]) {
    return { start: 0, strides: none.with(place, 1) };
  }
  const stacked = dims.map((dim, i) => (i < dims.length - 2 || i === place ? dim : 1));
  if (shown(stacked) === shown(parameter.dims)) {
    let stride = parameter.size;
    return {
      start: 0,
      strides: stacked.map((dim) => {
        stride /= dim;
        return dim === 1 ? 0 : stride;
      }),
    };
  }
  const fix = 'Pass a scalar, or one value for each row, column or channel.';
  throw shapeError(call, `a scale or zero point ${shown(parameter.dims)} does not fit ${shown(dims)}.`, fix);
}

/**
 * saturate(roundHalfEven(sum * (sa * sb / sy)) + zeroPoint): what ONNX's QuantizeLinear of the real
 * product means, with one multiplier in float32, as ONNX Runtime computes it.
 */
function requantized(
  sums: Float64Array,
  dims: readonly number[],
  scales: readonly Tensor[],
  zeroPoint: Tensor,
  views: readonly View[],
  call: NamedCall,
): Tensor {
  if (!byteTypes.includes(zeroPoint.type)) {
    throw unsupported(call, `the output is ${zeroPoint.type}; int8 and uint8 are supported.`);
  }
  const { min, max } = integerRange(zeroPoint.type as IntegerType);
  const out = storageFor(zeroPoint.type, dims, call) as Int8Array;
  const [sa, sb, sy] = scales.map(numbersOf) as [Numbers, Numbers, Numbers];
  const zeros = numbersOf(zeroPoint);
  forEachRow(dims, views, (at, [a = 0, b = 0, y = 0, z = 0], length, [da = 0, db = 0, dy = 0, dz = 0]) => {
    for (let i = 0; i < length; i++) {
      const product = Math.fround(sa[a + i * da]! * sb[b + i * db]!);
      const multiplier = Math.fround(product / sy[y + i * dy]!);
      const steps = roundHalfEven(Math.fround(sums[at + i]! * multiplier));
      out[at + i] = clamp(steps + zeros[z + i * dz]!, min, max);
    }
  });
  return new Tensor<DataType>(zeroPoint.type, out, dims);
}
