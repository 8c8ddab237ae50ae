import type { Tensor } from '@espalier/core';
import { modelError, unsupported } from './failures.js';
import type { NamedCall, OperatorDefinition, OperatorEntry, OperatorFamily } from './operator.js';

/** Operators by their ONNX names. */
export type OperatorTable = Readonly<Record<string, OperatorEntry>>;

/** The operators of some families in alphabetical order, with the checks that all share. */
export function operatorEntries(families: readonly OperatorFamily[]): OperatorTable {
  return Object.freeze(
    Object.fromEntries(
      families
        .flatMap((family) => Object.entries(family))
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([op, definition]) => [op, entryOf(op, definition)]),
    ),
  );
}

/** Adds the checks: required inputs are there, the first has a type that is allowed. */
function entryOf(op: string, { run, types, required = 1, resampling }: OperatorDefinition): OperatorEntry {
  return {
    types,
    ...(resampling && { resampling: (inputs, call) => resampling(inputs, { op, ...call }) }),
    run(inputs, call) {
      const named: NamedCall = { op, attributes: call.attributes, outputs: call.outputs, name: call.name };
      checkInputs(inputs, required, named);
      const type = inputs.find((tensor) => tensor !== null)?.type;
      if (type !== undefined && !types.includes(type)) {
        throw unsupported(named, `${type} is not supported.`, `Use ${types.join(', ')}.`);
      }
      return run(inputs, named);
    },
  };
}

function checkInputs(inputs: readonly (Tensor | null)[], required: number, call: NamedCall): void {
  for (let i = 0; i < required; i++) {
    if (inputs[i] == null) throw modelError(call, `input ${i} is missing.`);
  }
}
