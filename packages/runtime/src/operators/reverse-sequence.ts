import { Tensor } from '@espalier/core';
import { moved, storageFor } from './elements.js';
import { shapeError } from './failures.js';
import { integersOf, required, shown } from './inputs.js';
import type { Inputs, NamedCall, OperatorFamily } from './operator.js';
import { allTypes } from './type-sets.js';

/** ReverseSequence: the first elements of each sequence of a batch in reverse, as many as its length says. */
export const sequenceReversals: OperatorFamily = {
  ReverseSequence: { types: allTypes, required: 2, run: (inputs, call) => [reverseSequence(inputs, call)] },
};

function reverseSequence(inputs: Inputs, call: NamedCall): Tensor {
  const x = required(inputs, 0, call);
  const lengths = integersOf(required(inputs, 1, call));
  const timeAxis = call.attributes.int('time_axis', 0);
  const batchAxis = call.attributes.int('batch_axis', 1);
  const [rows, columns, ...rest] = x.dims;
  if (
    rows === undefined ||
    columns === undefined ||
    timeAxis + batchAxis !== 1 ||
    timeAxis * batchAxis !== 0
  ) {
    throw shapeError(
      call,
      `axes ${timeAxis} and ${batchAxis} of shape ${shown(x.dims)} are not its first two.`,
    );
  }
  const [batch, time] = batchAxis === 0 ? [rows, columns] : [columns, rows];
  if (lengths.length !== batch || lengths.some((length) => length < 0 || length > time)) {
    throw shapeError(call, `lengths ${shown(lengths)} do not fit ${batch} sequences of ${time}.`);
  }
  const size = rest.reduce((a, b) => a * b, 1);
  const data = storageFor(x.type, x.dims, call);
  const startOf = (b: number, t: number) => (batchAxis === 0 ? b * time + t : t * batch + b) * size;
  for (const [b, length] of lengths.entries()) {
    for (let t = 0; t < time; t++) {
      const from = startOf(b, t < length ? length - 1 - t : t);
      moved(data).set(moved(x.data).subarray(from, from + size), startOf(b, t));
    }
  }
  return new Tensor(x.type, data, x.dims);
}
