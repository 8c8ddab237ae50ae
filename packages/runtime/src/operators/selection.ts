import { isBigInt, Tensor } from '@espalier/core';
import { broadcastDims, broadcastView } from './broadcast.js';
import { bigIntsOf, moved, numbersOf, storageFor } from './elements.js';
import { shapeError, unsupported } from './failures.js';
import { optional, required } from './inputs.js';
import { mapElements } from './map.js';
import type { NamedCall, OperatorFamily } from './operator.js';
import { forEachRow } from './strides.js';
import { boolTypes, numericTypes } from './type-sets.js';

/** Operators that choose between values. */
export const selections: OperatorFamily = {
  Where: {
    types: boolTypes,
    required: 3,
    run(inputs, call) {
      const [condition, x, y] = [
        required(inputs, 0, call),
        required(inputs, 1, call),
        required(inputs, 2, call),
      ];
      return [where(condition, x, y, call)];
    },
  },
  Clip: {
    types: numericTypes,
    run: (inputs, call) => [clip(required(inputs, 0, call), optional(inputs, 1), optional(inputs, 2), call)],
  },
};

function where(condition: Tensor, x: Tensor, y: Tensor, call: NamedCall): Tensor {
  if (x.type !== y.type) throw unsupported(call, `inputs of types ${x.type} and ${y.type} do not mix.`);
  const dims = broadcastDims([condition.dims, x.dims, y.dims], call);
  const out = storageFor(x.type, dims, call);
  const views = [condition, x, y].map((tensor) => broadcastView(tensor.dims, dims));
  const chosen = condition.data as Uint8Array;
  const [to, ifTrue, ifFalse] = [moved(out), moved(x.data), moved(y.data)];
  forEachRow(dims, views, (at, [c = 0, p = 0, q = 0], length, [stepC = 0, stepX = 0, stepY = 0]) => {
    for (let i = 0; i < length; i++) {
      const value = chosen[c + i * stepC] ? ifTrue[p + i * stepX] : ifFalse[q + i * stepY];
      // In range by construction of the views.
      to[at + i] = value!;
    }
  });
  return new Tensor(x.type, out, dims);
}

/** min(max(x, low), high): where low > high, all become high. NaN stays NaN. */
function clip(x: Tensor, low: Tensor | null, high: Tensor | null, call: NamedCall): Tensor {
  for (const bound of [low, high]) {
    if (bound === null) continue;
    if (bound.size !== 1) throw shapeError(call, `a bound has ${bound.size} elements, one is expected.`);
    if (bound.type !== x.type) throw unsupported(call, `a bound is ${bound.type}, the input ${x.type}.`);
  }
  if (low === null && high === null) return x;
  if (isBigInt(x.type)) {
    const least = low && bigIntsOf(low)[0];
    const greatest = high && bigIntsOf(high)[0];
    const bigint = (v: bigint) => {
      const raised = least != null && v < least ? least : v;
      return greatest != null && raised > greatest ? greatest : raised;
    };
    return mapElements(x, { number: Number, bigint }, call);
  }
  const least = low === null ? -Infinity : (numbersOf(low)[0] ?? -Infinity);
  const greatest = high === null ? Infinity : (numbersOf(high)[0] ?? Infinity);
  return mapElements(x, { number: (v) => Math.min(greatest, Math.max(least, v)) }, call);
}
