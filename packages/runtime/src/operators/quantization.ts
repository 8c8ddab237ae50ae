import {
  clamp,
  type DataType,
  float16ToFloat32,
  float32ToFloat16,
  type IntegerType,
  integerRange,
  roundHalfEven,
  Tensor,
} from '@espalier/core';
import { type Numbers, numbersFor, numbersOf, storageFor, tensorFrom } from './elements.js';
import { shapeError, unsupported } from './failures.js';
import { optional, required, resolveAxis, shown } from './inputs.js';
import type { Inputs, NamedCall, OperatorFamily, Outputs } from './operator.js';
import { forEachRow, splitAt, type View } from './strides.js';
import { typeOfNumber } from './type-numbers.js';

// Indices below run within the arrays they index: `!` drops the undefined that TypeScript adds.

/** real = scale * (q - zeroPoint), per tensor, per axis or per block. */
export const quantizations: OperatorFamily = {
  QuantizeLinear: {
    types: ['float32', 'float16', 'float64', 'int32'],
    required: 2,
    run: (inputs, call) => [quantizeLinear(inputs, call)],
  },
  DequantizeLinear: {
    types: ['int8', 'uint8', 'int16', 'uint16', 'int32'],
    required: 2,
    run: (inputs, call) => [dequantizeLinear(inputs, call)],
  },
  DynamicQuantizeLinear: { types: ['float32'], run: dynamicQuantizeLinear },
};

/** Rounds a number to what a float type holds. */
export function rounderOf(type: DataType): (x: number) => number {
  if (type === 'float32') return Math.fround;
  if (type === 'float16') return (x) => float16ToFloat32(Uint16Array.of(float32ToFloat16(x)))[0] ?? 0;
  return (x) => x;
}

/** saturate(roundHalfEven(x / scale) + zeroPoint); the quotient is rounded to the scale's type first. */
function quantizeLinear(inputs: Inputs, call: NamedCall): Tensor {
  const [x, scale] = [required(inputs, 0, call), required(inputs, 1, call)];
  const zeroPoint = optional(inputs, 2);
  const type = quantizedType(zeroPoint, call);
  const precision = call.attributes.int('precision', 0);
  const divisionType = precision === 0 ? scale.type : typeOfNumber(precision, 'precision', call);
  const round = rounderOf(divisionType);
  const { min, max } = integerRange(type);
  const out = storageFor(type, x.dims, call) as Numbers;
  const [values, scales] = [numbersOf(x), numbersOf(scale)];
  const zeros = zeroPoint === null ? null : numbersOf(zeroPoint);
  eachScaled(x, scale, zeroPoint, call, (i, s) => {
    const steps = roundHalfEven(round(round(values[i]!) / scales[s]!)) + (zeros === null ? 0 : zeros[s]!);
    // NaN, which ONNX says nothing about, becomes the zero point's 0.
    out[i] = clamp(steps, min, max);
  });
  return new Tensor<DataType>(type, out, x.dims);
}

function quantizedType(zeroPoint: Tensor | null, call: NamedCall): IntegerType {
  const number = call.attributes.int('output_dtype', 0);
  const type = zeroPoint?.type ?? (number === 0 ? 'uint8' : typeOfNumber(number, 'output_dtype', call));
  if (type === 'int8' || type === 'uint8' || type === 'int16' || type === 'uint16') return type;
  throw unsupported(call, `quantizing to ${type} is not supported.`, 'Use int8, uint8, int16 or uint16.');
}

/** (x - zeroPoint) * scale in the type of the result. */
function dequantizeLinear(inputs: Inputs, call: NamedCall): Tensor {
  const [x, scale] = [required(inputs, 0, call), required(inputs, 1, call)];
  const zeroPoint = optional(inputs, 2);
  if (zeroPoint !== null && zeroPoint.type !== x.type) {
    throw unsupported(call, `the zero point is ${zeroPoint.type}, the input ${x.type}.`);
  }
  const number = call.attributes.int('output_dtype', 0);
  const type = number === 0 ? scale.type : typeOfNumber(number, 'output_dtype', call);
  if (type !== 'float32' && type !== 'float16') {
    throw unsupported(call, `dequantizing to ${type} is not supported.`, 'Use float32 or float16.');
  }
  const out = numbersFor(type, x.dims, call);
  const [values, scales] = [numbersOf(x), numbersOf(scale)];
  const zeros = zeroPoint === null ? null : numbersOf(zeroPoint);
  const round = rounderOf(type);
  eachScaled(x, scale, zeroPoint, call, (i, s) => {
    out[i] = round(values[i]! - (zeros === null ? 0 : zeros[s]!)) * scales[s]!;
  });
  return tensorFrom(type, out, x.dims);
}

/** Visits each element with the index of its scale (and zero point). */
function eachScaled(
  x: Tensor,
  scale: Tensor,
  zeroPoint: Tensor | null,
  call: NamedCall,
  visit: (element: number, scale: number) => void,
): void {
  if (zeroPoint !== null && shown(zeroPoint.dims) !== shown(scale.dims) && zeroPoint.size !== scale.size) {
    throw shapeError(
      call,
      `the zero point is of shape ${shown(zeroPoint.dims)}, the scale of ${shown(scale.dims)}.`,
    );
  }
  const blockSize = call.attributes.int('block_size', 0);
  if (blockSize > 0) eachBlocked(x, scale, blockSize, call, visit);
  else {
    forEachRow(x.dims, [scaleView(x, scale, call)], (at, [start = 0], length, [step = 0]) => {
      for (let i = 0; i < length; i++) visit(at + i, start + i * step);
    });
  }
}

/** Per tensor where there is one scale, per axis where there is one for each index of `axis`. */
function scaleView(x: Tensor, scale: Tensor, call: NamedCall): View {
  const none = x.dims.map(() => 0);
  if (scale.size === 1) return { start: 0, strides: none };
  const axis = resolveAxis(call.attributes.int('axis', 1), x.dims.length, call);
  if (scale.dims.length !== 1 || scale.size !== x.dims[axis]) {
    const fix = 'Pass one scale, one for each index of the axis, or set block_size.';
    throw shapeError(call, `scale ${shown(scale.dims)} does not fit axis ${axis} of ${shown(x.dims)}.`, fix);
  }
  return { start: 0, strides: none.with(axis, 1) };
}

function eachBlocked(
  x: Tensor,
  scale: Tensor,
  blockSize: number,
  call: NamedCall,
  visit: (element: number, scale: number) => void,
): void {
  const axis = resolveAxis(call.attributes.int('axis', 1), x.dims.length, call);
  const blocks = Math.ceil((x.dims[axis] ?? 0) / blockSize);
  const expected = x.dims.with(axis, blocks);
  if (shown(expected) !== shown(scale.dims)) {
    throw shapeError(
      call,
      `the scale is of shape ${shown(scale.dims)}, blocks of ${blockSize} need ${shown(expected)}.`,
    );
  }
  const { outer, length, inner } = splitAt(x.dims, axis);
  for (let o = 0, at = 0; o < outer; o++) {
    for (let i = 0; i < length; i++) {
      const row = (o * blocks + Math.floor(i / blockSize)) * inner;
      for (let n = 0; n < inner; n++, at++) visit(at, row + n);
    }
  }
}

/** uint8 with the scale and zero point of the range, which always holds 0. Gives all three. */
function dynamicQuantizeLinear(inputs: Inputs, call: NamedCall): Outputs {
  const x = required(inputs, 0, call);
  const values = numbersOf(x);
  let [low, high] = [0, 0];
  for (let i = 0; i < values.length; i++) {
    low = Math.min(low, values[i]!);
    high = Math.max(high, values[i]!);
  }
  // All zeros: any scale will do, 0 would make NaN of them.
  const scale = high === low ? 1 : Math.fround(Math.fround(high - low) / 255);
  const zeroPoint = clamp(roundHalfEven(Math.fround(-low / scale)), 0, 255);
  const out = storageFor('uint8', x.dims, call) as Uint8Array;
  for (let i = 0; i < out.length; i++) {
    out[i] = clamp(roundHalfEven(Math.fround(values[i]! / scale)) + zeroPoint, 0, 255);
  }
  return [
    new Tensor('uint8', out, x.dims),
    new Tensor('float32', Float32Array.of(scale), []),
    new Tensor('uint8', Uint8Array.of(zeroPoint), []),
  ];
}
