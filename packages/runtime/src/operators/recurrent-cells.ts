import type { NamedCall, OperatorFamily } from './operator.js';
import { addProduct, type Recurrence, runRecurrent, type Step } from './recurrent.js';
import { floatTypes } from './type-sets.js';

// Indices below run within the arrays they index: `!` drops the undefined that TypeScript adds.

/** Recurrent layers, with the equations of ONNX opset 22. Computed in double. */
export const recurrentLayers: OperatorFamily = {
  RNN: { types: floatTypes, required: 3, run: (inputs, call) => runRecurrent(inputs, rnn, call).slice(0, 2) },
  GRU: {
    types: floatTypes,
    required: 3,
    run: (inputs, call) => runRecurrent(inputs, gru(call), call).slice(0, 2),
  },
  LSTM: { types: floatTypes, required: 3, run: (inputs, call) => runRecurrent(inputs, lstm(call), call) },
};

/** h = f(W x + R h + b) */
const rnn: Recurrence = {
  gates: 1,
  activations: ['Tanh'],
  step({ hidden, fromInput, fromHidden }, { activations: [f] }, { limit }) {
    for (let i = 0; i < hidden.length; i++) hidden[i] = f!(limit(fromInput[i]! + fromHidden[i]!));
  },
};

/**
 * z = f(..), r = f(..), candidate = g(..), h = (1 - z) * candidate + z * h; gates lie in the order z, r, h.
 * With `linear_before_reset` r scales the product R h, else it scales h before the product.
 */
function gru(call: NamedCall): Recurrence {
  const linearBeforeReset = call.attributes.int('linear_before_reset', 0) !== 0;
  const step: Step = (
    { hidden, fromInput, fromHidden },
    { activations: [f, g], recurrence, bias },
    { limit },
  ) => {
    const size = hidden.length;
    const gate = (i: number) => f!(limit(fromInput[i]! + fromHidden[i]!));
    const reset = hidden.map((_, i) => gate(size + i));
    let candidates = fromHidden.subarray(2 * size);
    if (!linearBeforeReset) {
      candidates = new Float64Array(size);
      const scaled = hidden.map((h, i) => reset[i]! * h);
      addProduct(recurrence.subarray(2 * size * size), scaled, bias, 5 * size, candidates);
    }
    for (let i = 0; i < size; i++) {
      const update = gate(i);
      const carried = linearBeforeReset ? reset[i]! * candidates[i]! : candidates[i]!;
      const candidate = g!(limit(fromInput[2 * size + i]! + carried));
      hidden[i] = (1 - update) * candidate + update * hidden[i]!;
    }
  };
  return { gates: 3, activations: ['Sigmoid', 'Tanh'], step };
}

/**
 * Gates lie in the order i, o, f, c; the peepholes, which look at the cell, in the order i, o, f. With
 * `input_forget` the forget gate is 1 - i.
 */
function lstm(call: NamedCall): Recurrence {
  const coupled = call.attributes.int('input_forget', 0) !== 0;
  const step: Step = (state, { activations: [f, g, h], peepholes }, { limit }) => {
    const { hidden, cell, fromInput, fromHidden } = state;
    const size = hidden.length;
    for (let i = 0; i < size; i++) {
      const sum = (gate: number) => fromInput[gate * size + i]! + fromHidden[gate * size + i]!;
      const before = cell[i]!;
      const input = f!(limit(sum(0) + peepholes[i]! * before));
      const forget = coupled ? 1 - input : f!(limit(sum(2) + peepholes[2 * size + i]! * before));
      const next = forget * before + input * g!(limit(sum(3)));
      const output = f!(limit(sum(1) + peepholes[size + i]! * next));
      cell[i] = next;
      hidden[i] = output * h!(next);
    }
  };
  return { gates: 4, activations: ['Sigmoid', 'Tanh', 'Tanh'], step };
}
