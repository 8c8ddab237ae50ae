import {
  float,
  floats,
  int,
  ints,
  ShapeError,
  string,
  strings,
  type Tensor,
  UnsupportedError,
} from '@espalier/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  float32,
  int8,
  int32,
  int64,
  numbersFrom,
  resultOf,
  runOperator,
  uint8,
} from '../../test/operators/run-operator.js';
import { sigmoid } from './activations.js';

/** 1, 2, 3, ... in a shape. */
function counting(dims: readonly number[]): Tensor {
  const count = dims.reduce((a, b) => a * b, 1);
  return float32(
    Array.from({ length: count }, (_, i) => i + 1),
    dims,
  );
}

describe('Convolution', () => {
  test('agrees with its definition for any stride, dilation and padding', () => {
    const small = fc.integer({ min: 1, max: 3 });
    const pad = fc.integer({ min: 0, max: 3 });
    fc.assert(
      fc.property(
        small,
        small,
        small,
        pad,
        pad,
        fc.integer({ min: 6, max: 9 }),
        (k, stride, dilation, a, b, n) => {
          const x = Array.from({ length: n }, (_, i) => (i * 7) % 5);
          const w = Array.from({ length: k }, (_, i) => i + 1);
          const attributes = { strides: ints([stride]), dilations: ints([dilation]), pads: ints([a, b]) };
          const result = resultOf('Conv', [float32(x, [1, 1, n]), float32(w, [1, 1, k])], attributes);
          const count = Math.floor((n + a + b - (k - 1) * dilation - 1) / stride) + 1;
          const expected = Array.from({ length: count }, (_, o) =>
            w.reduce((sum, weight, i) => sum + weight * (x[o * stride + i * dilation - a] ?? 0), 0),
          );
          expect([...result.data]).toEqual(expected);
        },
      ),
    );
  });

  test('the transpose is the adjoint: <conv(x), y> = <x, convTranspose(y)>', () => {
    const attributes = {
      strides: ints([2, 1]),
      pads: ints([1, 0, 1, 2]),
      dilations: ints([1, 2]),
      group: int(2),
    };
    const [x, w] = [counting([1, 4, 5, 6]), counting([6, 2, 3, 2])];
    const y = resultOf('Conv', [x, w], attributes);
    const back = resultOf('ConvTranspose', [y, w], attributes);
    expect(back.dims).toEqual(x.dims);
    const dot = (a: Tensor, b: Tensor) =>
      Array.from(a.data, Number).reduce((sum, v, i) => sum + v * Number(b.data[i]), 0);
    // Products of integers below 2^24 each, so that float32 holds y exactly; 1e-6 is for rounding `back`.
    expect(Math.abs(dot(x, back) / dot(y, y) - 1)).toBeLessThan(1e-6);
  });

  test('three spatial axes, and a kernel larger than the input', () => {
    expect(resultOf('Conv', [counting([1, 1, 3, 4, 5]), counting([2, 1, 2, 2, 2])]).dims).toEqual([
      1, 2, 2, 3, 4,
    ]);
    expect(resultOf('Conv', [counting([1, 1, 2]), counting([1, 1, 5])]).dims).toEqual([1, 1, 0]);
    expect(() => resultOf('Conv', [counting([1, 1, 1, 1, 1, 1]), counting([1, 1, 1, 1, 1, 1])])).toThrow(
      UnsupportedError,
    );
  });

  test('channels that do not divide into the groups are refused', () => {
    expect(() => resultOf('Conv', [counting([1, 3, 4]), counting([2, 1, 1])], { group: int(2) })).toThrow(
      ShapeError,
    );
  });

  test('SAME_LOWER puts the odd padding first, SAME_UPPER last', () => {
    const [x, w] = [float32([1, 2, 3], [1, 1, 3]), float32([1, 10], [1, 1, 2])];
    expect(numbersFrom('Conv', [x, w], { auto_pad: string('SAME_UPPER') })).toEqual([21, 32, 3]);
    expect(numbersFrom('Conv', [x, w], { auto_pad: string('SAME_LOWER') })).toEqual([10, 21, 32]);
  });
});

describe('Pooling', () => {
  const x = float32([1, 2, 3, 4, 5], [1, 1, 5]);

  test('ceil_mode adds a window that hangs over, but none that starts in the end padding', () => {
    const attributes = { kernel_shape: ints([2]), strides: ints([2]), ceil_mode: int(1) };
    expect(numbersFrom('MaxPool', [x], attributes)).toEqual([2, 4, 5]);
    // (2 + 1 + 1 - 1) / 3 ceils to a second window, which would start at 3: beyond the 2 elements and the first pad.
    const short = { kernel_shape: ints([1]), strides: ints([3]), pads: ints([1, 1]), ceil_mode: int(1) };
    expect(
      numbersFrom('AveragePool', [float32([6, 7], [1, 1, 2])], { ...short, count_include_pad: int(1) }),
    ).toEqual([0]);
  });

  test('averages leave padding out, or count it, but never what ceiling adds', () => {
    const attributes = { kernel_shape: ints([3]), strides: ints([3]), pads: ints([1, 0]), ceil_mode: int(1) };
    expect(numbersFrom('AveragePool', [float32([3, 6, 9, 12], [1, 1, 4])], attributes)).toEqual([4.5, 10.5]);
    const counted = { ...attributes, count_include_pad: int(1) };
    expect(numbersFrom('AveragePool', [float32([3, 6, 9, 12], [1, 1, 4])], counted)).toEqual([3, 10.5]);
  });

  test('indices count over the whole input, column first if asked to', () => {
    const image = float32([1, 2, 3, 4, 9, 5, 1, 1, 1, 1, 8, 1], [1, 2, 2, 3]);
    const attributes = { kernel_shape: ints([2, 3]) };
    const [, rowFirst] = runOperator('MaxPool', [image], attributes, 2);
    expect(rowFirst?.data).toEqual(BigInt64Array.of(4n, 10n));
    const [, columnFirst] = runOperator('MaxPool', [image], { ...attributes, storage_order: int(1) }, 2);
    expect(columnFirst?.data).toEqual(BigInt64Array.of(3n, 9n));
  });

  test('int8 pools in place of its lowest value', () => {
    expect(numbersFrom('MaxPool', [int8([-5, -9], [1, 1, 2])], { kernel_shape: ints([2]) })).toEqual([-5]);
  });

  test('an enormous kernel over enormous padding costs no more than the input', () => {
    const attributes = {
      kernel_shape: ints([2 ** 40]),
      pads: ints([2 ** 39, 2 ** 39]),
      strides: ints([2 ** 40]),
    };
    expect(numbersFrom('MaxPool', [x], attributes)).toEqual([5]);
  });
});

describe('Recurrent layers', () => {
  const one = (value: number) => float32([value], [1, 1, 1]);

  test('RNN, reversed, starts at the length of each sequence and leaves zeros beyond it', () => {
    // h = x + h: running sums, from the end of each sequence.
    const x = float32([1, 10, 2, 20, 3, 30], [3, 2, 1]);
    const attributes = {
      direction: string('reverse'),
      activations: strings(['Affine']),
      hidden_size: int(1),
    };
    const lengths = int32([2, 3]);
    const [y, last] = runOperator('RNN', [x, one(1), one(1), null, lengths], attributes, 2);
    expect([...(y?.data ?? [])]).toEqual([3, 60, 2, 50, 0, 30]);
    expect([...(last?.data ?? [])]).toEqual([3, 60]);
  });

  test('bidirectional layers take their activations and weights one direction after the other', () => {
    const attributes = {
      direction: string('bidirectional'),
      activations: strings(['Affine', 'Affine']),
      activation_alpha: floats([1, 2]),
      activation_beta: floats([0, 1]),
    };
    const [y] = runOperator(
      'RNN',
      [float32([1, 2], [2, 1, 1]), float32([1, 1], [2, 1, 1]), float32([1, 0], [2, 1, 1])],
      attributes,
      2,
    );
    expect(y?.dims).toEqual([2, 2, 1, 1]);
    // Forward: 1, 1 + 2. Backward: 2 x + 1, without memory.
    expect([...(y?.data ?? [])]).toEqual([1, 3, 3, 5]);
  });

  test('LSTM: peepholes look at the old cell for i and f, at the new one for o', () => {
    const gates = float32([0, 0, 0, 1], [1, 4, 1]);
    const nothing = float32([0, 0, 0, 0], [1, 4, 1]);
    const peepholes = float32([1, 2, 3], [1, 3]);
    const cell0 = 0.5;
    const inputs = [one(0.25), gates, nothing, null, null, null, one(cell0), peepholes];
    const [, h, c] = runOperator('LSTM', inputs, {}, 3);
    const cell = sigmoid(3 * cell0) * cell0 + sigmoid(1 * cell0) * Math.tanh(0.25);
    expect(c?.data[0]).toBe(Math.fround(cell));
    expect(h?.data[0]).toBe(Math.fround(sigmoid(2 * cell) * Math.tanh(cell)));
  });

  test('LSTM with input_forget couples the gates, clip limits what they see', () => {
    const gates = float32([8, 0, -99, 1], [1, 4, 1]);
    const nothing = float32([0, 0, 0, 0], [1, 4, 1]);
    const [, , c] = runOperator(
      'LSTM',
      [one(1), gates, nothing, null, null, null, one(4)],
      { input_forget: int(1), clip: float(0.5) },
      3,
    );
    const i = sigmoid(0.5);
    expect(c?.data[0]).toBe(Math.fround((1 - i) * 4 + i * Math.tanh(0.5)));
  });

  test('GRU resets before or after the product with the recurrence', () => {
    const w = float32([0, 0.5, 0], [1, 3, 1]);
    const r = float32([0, 0, 1], [1, 3, 1]);
    const bias = float32([0, 0, 0, 0, 0, 2], [1, 6]);
    const inputs = [one(1), w, r, bias, null, one(3)];
    const reset = sigmoid(0.5);
    const expected = (candidate: number) => Math.fround(0.5 * Math.tanh(candidate) + 0.5 * 3);
    expect(numbersFrom('GRU', inputs)).toEqual([expected(reset * 3 + 2)]);
    expect(numbersFrom('GRU', inputs, { linear_before_reset: int(1) })).toEqual([expected(reset * (3 + 2))]);
  });

  test('unknown activations and wrong shapes are refused', () => {
    const inputs = [one(1), one(1), one(1)];
    expect(() => resultOf('RNN', inputs, { activations: strings(['Sine']) })).toThrow(UnsupportedError);
    expect(() => resultOf('LSTM', inputs)).toThrow(ShapeError);
  });
});

describe('Normalization', () => {
  test('BatchNormalization in training mode is refused', () => {
    const x = counting([1, 2]);
    const inputs = [x, ...[1, 2, 3, 4].map(() => float32([1, 1]))];
    expect(() => resultOf('BatchNormalization', inputs, { training_mode: int(1) })).toThrow(UnsupportedError);
  });

  test('a large mean does not swallow the variance', () => {
    // Squares of 1e6 minus the squared mean cancel to nothing in float32.
    const x = float32([1e6 - 1, 1e6 + 1], [1, 2]);
    const inputs = [x, float32([1, 1])];
    const [value = 0] = numbersFrom('LayerNormalization', inputs, { epsilon: float(0) });
    expect(value).toBe(-1);
  });

  test('LayerNormalization gives mean and inverse deviation where they are wanted', () => {
    const [, mean, inverse] = runOperator(
      'LayerNormalization',
      [float32([1, 3], [1, 2]), float32([1, 1])],
      { epsilon: float(0) },
      3,
    );
    expect(mean?.dims).toEqual([1, 1]);
    expect([mean?.data[0], inverse?.data[0]]).toEqual([2, 1]);
  });

  test('LpNormalization leaves a line of zeros as it is', () => {
    expect(numbersFrom('LpNormalization', [float32([0, 0, 3, 4], [2, 2])])).toEqual([
      0,
      0,
      Math.fround(0.6),
      Math.fround(0.8),
    ]);
  });
});

describe('Quantization', () => {
  test('ties go to the even integer, before the zero point is added', () => {
    const inputs = [float32([0.5, 1.5, 2.5, -0.5]), float32([1], []), uint8([1], [])];
    expect(numbersFrom('QuantizeLinear', inputs)).toEqual([1, 3, 3, 1]);
  });

  test('the quotient is one of float32, as ONNX says', () => {
    // The double quotient of these two float32 values is 3.4999998..., the float32 one a tie.
    const [x, scale] = [Math.fround(0.35), Math.fround(0.1)];
    expect(x / scale).toBeLessThan(3.5);
    expect(numbersFrom('QuantizeLinear', [float32([x]), float32([scale], [])])).toEqual([4]);
  });

  test('a scale that fits no axis is refused', () => {
    expect(() => resultOf('QuantizeLinear', [counting([2, 3]), float32([1, 1])])).toThrow(ShapeError);
    expect(numbersFrom('QuantizeLinear', [counting([2, 2]), float32([1, 2])], { axis: int(-2) })).toEqual([
      1, 2, 2, 2,
    ]);
  });

  test('blocks repeat their scale along the axis, the last may be short', () => {
    const inputs = [int8([1, 2, 3], [1, 3]), float32([10, 100], [1, 2])];
    expect(numbersFrom('DequantizeLinear', inputs, { axis: int(1), block_size: int(2) })).toEqual([
      10, 20, 300,
    ]);
  });

  test('DynamicQuantizeLinear of zeros stays zero', () => {
    const [y, scale, zeroPoint] = runOperator('DynamicQuantizeLinear', [float32([0, 0])], {}, 3);
    expect([...(y?.data ?? []), scale?.data[0], zeroPoint?.data[0]]).toEqual([0, 0, 1, 0]);
  });

  test('QLinearConv is Conv of the dequantized, quantized again, with weights of their own scale a channel', () => {
    const x = uint8([120, 130, 140, 150], [1, 1, 4]);
    const w = int8([3, -2, 100, 50], [2, 1, 2]);
    const [xs, ws, ys] = [float32([0.1], []), float32([0.5, 0.02]), float32([0.25], [])];
    const [xz, wz, yz] = [uint8([128], []), int8([0, 10]), uint8([7], [])];
    const pads = { pads: ints([1, 0]) };
    const result = resultOf('QLinearConv', [x, xs, xz, w, ws, wz, ys, yz], pads);
    const real = resultOf(
      'Conv',
      [
        resultOf('DequantizeLinear', [x, xs, xz]),
        resultOf('DequantizeLinear', [w, ws, wz], { axis: int(0) }),
      ],
      pads,
    );
    expect(result).toEqual(resultOf('QuantizeLinear', [real, ys, yz]));
  });

  test('ConvInteger pads with the zero point', () => {
    const inputs = [uint8([5, 7], [1, 1, 2]), uint8([1], [1, 1, 1]), uint8([5], [])];
    expect(numbersFrom('ConvInteger', inputs, { pads: ints([1, 1]) })).toEqual([0, 0, 2, 0]);
  });
});

describe('Attention', () => {
  test('a query that may see no key gets zeros, not NaN', () => {
    const q = float32([1, 2], [1, 1, 2, 1]);
    const result = numbersFrom('Attention', [q, q, q, null, null, null, int64([1])], { is_causal: int(1) });
    // One valid key, two queries: the first stands before it.
    expect(result).toEqual([0, 1]);
  });

  test('a sliding window limits both sides', () => {
    const q = float32([0, 0, 0, 0], [1, 1, 4, 1]);
    const v = float32([1, 2, 4, 8], [1, 1, 4, 1]);
    const attributes = { left_window_size: int(1), right_window_size: int(0) };
    expect(numbersFrom('Attention', [q, q, v], attributes)).toEqual([1, 1.5, 3, 6]);
  });
});
