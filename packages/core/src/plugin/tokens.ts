import type { Calibrator } from '../calibration/calibrator.js';
import type { EncodingKind } from '../encoding/encoding.js';
import type { Executor } from '../pass/executor.js';
import type { Invariant } from '../pass/invariant.js';
import type { Logger } from '../pass/logger.js';
import type { Pass } from '../pass/pass.js';
import type { Recipe } from '../recipe/recipe.js';
import { type Token, token } from './container.js';
import type { Format } from './format.js';
import type { OperatorKernel } from './operator-kernel.js';
import type { PassPlugin } from './plugin.js';

/** The passes; one registration each, made anew for every run. */
export const PASS: Token<Pass> = token('pass');
/** The factories of steps, with their option tables. */
export const PASS_PLUGIN: Token<PassPlugin> = token('pass-plugin');
export const ENCODING: Token<EncodingKind> = token('encoding');
export const FORMAT: Token<Format> = token('format');
export const RECIPE: Token<Recipe> = token('recipe');
/** Ways to choose the range of an activation. */
export const CALIBRATOR: Token<Calibrator> = token('calibrator');
export const INVARIANT: Token<Invariant> = token('invariant');
/** Operators that are not ONNX's own. */
export const KERNEL: Token<OperatorKernel> = token('kernel');
/** Runs models. One for a compressor; a later registration wins. */
export const EXECUTOR: Token<Executor> = token('executor');
/** The run's own logger. */
export const LOGGER: Token<Logger> = token('logger');
