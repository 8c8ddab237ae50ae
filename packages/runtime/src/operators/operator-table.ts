import { activations } from './activations.js';
import { attentions } from './attention.js';
import { binaryMath } from './binary-math.js';
import { casts } from './cast.js';
import { comparisons } from './comparison.js';
import { constants } from './constants.js';
import { convolutions } from './conv.js';
import { cumulatives } from './cumulative.js';
import { einsums } from './einsum.js';
import { gathers } from './gather.js';
import { gridSamples } from './grid-sample.js';
import { joins } from './join.js';
import { matrixProducts } from './matmul.js';
import { normalizations } from './normalization.js';
import type { OperatorFamily } from './operator.js';
import { type OperatorTable, operatorEntries } from './operator-entries.js';
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
export const operatorTable: OperatorTable = operatorEntries(families);
