import type { Tensor } from '@espalier/core';
import { activations } from './activations.js';
import { attentions } from './attention.js';
import { binaryMath } from './binary-math.js';
import { casts } from './cast.js';
import { comparisons } from './comparison.js';
import { constants } from './constants.js';
import { convolutions } from './conv.js';
import { cumulatives } from './cumulative.js';
import { einsums } from './einsum.js';
import { modelError, unsupported } from './failures.js';
import { gathers } from './gather.js';
import { gridSamples } from './grid-sample.js';
import { joins } from './join.js';
import { matrixProducts } from './matmul.js';
import { normalizations } from './normalization.js';
import type { NamedCall, OperatorDefinition, OperatorEntry, OperatorFamily } from './operator.js';
import { padding } from './pad.js';
import { pools } from './pool.js';
import { quantizations } from './quantization.js';
import { quantizedProducts } from './quantized-products.js';
import { rearrangements } from './rearrange.js';
import { recurrentLayers } from './recurrent-cells.js';
import { reductions } from './reductions.js';
import { resizes } from './resize.js';
import { sequenceReversals } from './reverse-sequence.js';
import { rotaryEmbeddings } from './rotary-embedding.js';
import { scatters } from './scatter.js';
import { searches } from './search.js';
import { selections } from './selection.js';
import { shapeOperators } from './shape.js';
import { softmaxes } from './softmax.js';
import { triangles } from './trilu.js';
import { unaryMath } from './unary-math.js';
import { variadics } from './variadic.js';

const families: readonly OperatorFamily[] = [
  activations,
  attentions,
  binaryMath,
  casts,
  comparisons,
  constants,
  convolutions,
  cumulatives,
  einsums,
  gathers,
  gridSamples,
  joins,
  matrixProducts,
  normalizations,
  padding,
  pools,
  quantizations,
  quantizedProducts,
  rearrangements,
  recurrentLayers,
  reductions,
  resizes,
  rotaryEmbeddings,
  scatters,
  searches,
  selections,
  sequenceReversals,
  shapeOperators,
  softmaxes,
  triangles,
  unaryMath,
  variadics,
];

/**
 * Every operator there is a plain implementation of, by its ONNX name, in alphabetical order. They have
 * the meaning of the newest opset. This is what runs rare operators and folds constants, and what the
 * fast kernels are judged by.
 */
export const operatorTable: Readonly<Record<string, OperatorEntry>> = Object.freeze(
  Object.fromEntries(
    families
      .flatMap((family) => Object.entries(family))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([op, definition]) => [op, entryOf(op, definition)]),
  ),
);

/** Adds the checks that all operators share: required inputs are there, the first has a type that is allowed. */
function entryOf(op: string, { run, types, required = 1 }: OperatorDefinition): OperatorEntry {
  return {
    types,
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
