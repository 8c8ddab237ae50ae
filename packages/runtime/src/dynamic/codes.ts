import { DYNAMIC_WAYS, UNIT_BYTES } from '@espalier/kernels/dynamic';
import type { RuleForm } from '../plan/rule-form.js';
import type { Address } from '../tape/block.js';
import type { Recorder } from '../tape/recorder.js';

/** What vectors may read behind codes. */
const SLACK_BYTES = 16;

/** Codes of an activation, and the scales and zero points of its ranges. */
export interface RangeCodes {
  readonly codes: Address;
  readonly units: Address;
}

/** How the model's rule rounds, as kernels take it. @param isEach - for a convolution of each channel by itself */
export function wayOf({ rule }: RuleForm, isEach = false): number {
  return DYNAMIC_WAYS[rule === 'onnx' ? 'onnx' : isEach ? 'tflite-each' : 'tflite'];
}

/** Puts `ranges` runs of `count` reals each on grids of their own, until the end of the step. */
export function rangeCodes(
  recorder: Recorder,
  way: number,
  from: Address,
  { ranges, count }: { readonly ranges: number; readonly count: number },
): RangeCodes {
  const codes = recorder.scratch(ranges * count + SLACK_BYTES);
  const units = recorder.scratch(ranges * UNIT_BYTES);
  recorder.call('dynamicCodes', [ranges, count, from, codes, units, way]);
  return { codes, units };
}
