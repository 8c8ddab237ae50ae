import { gemmF32 } from '../gemm-f32/scalar';
import { sigmoidOne, tanhOne } from '../math-f32/scalar';

/**
 * One direction of a GRU over a whole sequence, in float32, with the equations of ONNX and its default activations:
 * h' = (1 - sigmoid(z)) tanh(n) + sigmoid(z) h. The reset gate, sigmoid(r), scales what h adds to n: the product
 * itself where `candidate` is 0 (linear_before_reset), else h before the product.
 *
 * input: [sequence, batch, 3 hidden], gates in the order z, r, n, with all biases that no reset scales. recurrence:
 * the weights [hidden, 3 hidden] packed by `packGemmF32`, or [hidden, 2 hidden] where candidate is the packed
 * [hidden, hidden] of n. state: the first h, [batch, hidden]. y: h of step t at t * yStride floats, [batch, hidden].
 * reverse: not 0 goes from the last step to the first. scratch: batch * 4 hidden floats.
 */
export function gruF32(
  sequence: i32, batch: i32, hidden: i32, input: usize, recurrence: usize, candidate: usize, state: usize, y: usize,
  yStride: i32, reverse: i32, scratch: usize,
): void {
  assert(sequence >= 0 && batch >= 0 && hidden >= 0 && yStride >= batch * hidden);
  const columns = hidden * 3;
  const gate = hidden << 2;
  const scaled = scratch + ((batch * columns) << 2);
  for (let step = 0; step < sequence; step++) {
    const t = reverse ? sequence - 1 - step : step;
    const from = input + ((t * batch * columns) << 2);
    const to = y + ((t * yStride) << 2);
    const products = candidate ? hidden * 2 : columns;
    gemmF32(batch, products, hidden, state, hidden, recurrence, scratch, columns, -Infinity, Infinity);
    for (let row = 0; row < batch; row++) {
      const at = row * columns << 2;
      resetRow(hidden, from + at, scratch + at, candidate ? state + row * gate : 0, scaled + row * gate);
    }
    if (candidate) {
      gemmF32(batch, hidden, hidden, scaled, hidden, candidate, scratch + gate * 2, columns, -Infinity, Infinity);
    }
    for (let row = 0; row < batch; row++) {
      const at = row * columns << 2;
      cellRow(hidden, from + at, scratch + at, state + row * gate, to + row * gate);
    }
    state = to;
  }
}

/** Scales h into `scaled`, or where state is 0 the product of n in its place. */
function resetRow(hidden: i32, input: usize, product: usize, state: usize, scaled: usize): void {
  const gate = hidden << 2;
  for (let i = 0; i < gate; i += 4) {
    const reset = sigmoidOne(load<f32>(input + gate + i) + load<f32>(product + gate + i));
    if (state) store<f32>(scaled + i, reset * load<f32>(state + i));
    else store<f32>(product + gate * 2 + i, reset * load<f32>(product + gate * 2 + i));
  }
}

function cellRow(hidden: i32, input: usize, product: usize, state: usize, y: usize): void {
  const gate = hidden << 2;
  for (let i = 0; i < gate; i += 4) {
    const kept = sigmoidOne(load<f32>(input + i) + load<f32>(product + i));
    const next = tanhOne(load<f32>(input + gate * 2 + i) + load<f32>(product + gate * 2 + i));
    store<f32>(y + i, (1 - kept) * next + kept * load<f32>(state + i));
  }
}
