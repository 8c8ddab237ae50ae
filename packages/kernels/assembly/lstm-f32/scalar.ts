import { gemmF32 } from '../gemm-f32/scalar';
import { sigmoidOne, tanhOne } from '../math-f32/scalar';

/**
 * One direction of an LSTM over a whole sequence, in float32, with the equations of ONNX and its default activations:
 * c' = sigmoid(f) c + sigmoid(i) tanh(g), h = sigmoid(o) tanh(c'), where each gate is what the input gives it plus the
 * product of h and the recurrent weights.
 *
 * input: [sequence, batch, 4 hidden], gates in the order i, o, f, g, all biases inside. recurrence: the weights [hidden, 4
 * hidden], packed by `packGemmF32`. state: the first h, [batch, hidden]. cell: [batch, hidden], the first c, and
 * the last one afterwards. y: h of step t at t * yStride floats, [batch, hidden]. reverse: not 0 goes from the last step to
 * the first. scratch: batch * 4 hidden floats.
 */
export function lstmF32(
  sequence: i32, batch: i32, hidden: i32, input: usize, recurrence: usize, state: usize, cell: usize, y: usize,
  yStride: i32, reverse: i32, scratch: usize,
): void {
  assert(sequence >= 0 && batch >= 0 && hidden >= 0 && yStride >= batch * hidden);
  const columns = hidden << 2;
  for (let step = 0; step < sequence; step++) {
    const t = reverse ? sequence - 1 - step : step;
    gemmF32(batch, columns, hidden, state, hidden, recurrence, scratch, columns, -Infinity, Infinity);
    state = y + ((t * yStride) << 2);
    for (let row = 0; row < batch; row++) {
      const gates = row * columns;
      const from = input + ((t * batch * columns + gates) << 2);
      const at = (row * hidden) << 2;
      cellRow(hidden, from, scratch + (gates << 2), cell + at, state + at);
    }
  }
}

function cellRow(hidden: i32, input: usize, product: usize, cell: usize, y: usize): void {
  const gate = hidden << 2;
  for (let i = 0; i < gate; i += 4) {
    const opened = sigmoidOne(load<f32>(input + i) + load<f32>(product + i));
    const output = sigmoidOne(load<f32>(input + gate + i) + load<f32>(product + gate + i));
    const kept = sigmoidOne(load<f32>(input + gate * 2 + i) + load<f32>(product + gate * 2 + i));
    const candidate = tanhOne(load<f32>(input + gate * 3 + i) + load<f32>(product + gate * 3 + i));
    const next = kept * load<f32>(cell + i) + opened * candidate;
    store<f32>(cell + i, next);
    store<f32>(y + i, output * tanhOne(next));
  }
}
