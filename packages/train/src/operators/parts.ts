import type { Argument } from '@espalier/runtime/tape';
import type { StepRecorder } from '../step/step-recorder.js';
import { sumRows } from './column-sums.js';

/**
 * Parts of a batch whose weight gradients are computed apart and then added: as many as threads share well, and never
 * another number, since the order of a sum is part of the result.
 */
const GRADIENT_PARTS = 8;

/** How a batch is cut. */
export interface Parts {
  /** In each part; fewer in the last one. */
  readonly images: number;
  readonly parts: number;
  /** Where the gradients of the parts go, one after the other. */
  readonly partial: Argument;
}

/**
 * Records the gradient of a weight of `size` elements part by part of a batch, and the sum of the parts.
 *
 * @param record - records what writes all parts
 */
export function inParts(
  step: StepRecorder,
  batch: number,
  size: number,
  to: Argument,
  record: (parts: Parts) => void,
): void {
  const images = Math.ceil(batch / GRADIENT_PARTS);
  const parts = Math.ceil(batch / images);
  const partial = parts === 1 ? to : step.scratch(parts * size * 4);
  record({ images, parts, partial });
  if (parts > 1) sumRows(step, parts, size, partial, to);
}
