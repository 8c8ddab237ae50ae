import type { Rewrite } from './rewrite.js';
import { cancelQuantization } from './rewrites/cancel-quantization.js';
import { dropNeutral, dropNoOps } from './rewrites/drop-no-ops.js';
import { foldConstants } from './rewrites/fold-constants.js';
import { foldIntoLayer } from './rewrites/fold-into-layer.js';
import { gelu } from './rewrites/gelu.js';
import { hardSigmoid } from './rewrites/hard-sigmoid.js';
import { hardSwish } from './rewrites/hard-swish.js';
import { layerNorm } from './rewrites/layer-norm.js';
import { matMulAdd } from './rewrites/matmul-add.js';
import { mergeCasts, settleCasts } from './rewrites/merge-casts.js';
import { mergeClamps } from './rewrites/merge-clamps.js';
import { mergeReshapes, mergeTransposes } from './rewrites/merge-moves.js';
import { padIntoWindow } from './rewrites/pad-into-window.js';
import { poolOfAll } from './rewrites/pool-of-all.js';
import { scaleLast } from './rewrites/scale-last.js';
import { settleReshapes, settleShapes } from './rewrites/settle-shapes.js';
import { swish } from './rewrites/swish.js';

/**
 * All rewrites, in rounds: a round runs until nothing changes before the next begins. Constants go into
 * layers last: before, an Add of 3 may be part of a hard-swish.
 */
export const rounds: readonly (readonly Rewrite[])[] = [
  [dropNoOps, dropNeutral, settleCasts, settleShapes, settleReshapes, foldConstants, cancelQuantization],
  [mergeCasts, mergeTransposes, mergeReshapes, hardSwish, hardSigmoid, swish, gelu, layerNorm],
  [mergeClamps, padIntoWindow, poolOfAll, matMulAdd, foldIntoLayer],
  [scaleLast],
];

/** Their names, for the option that leaves some out. */
export const rewriteNames: readonly string[] = rounds.flat().map(({ name }) => name);
