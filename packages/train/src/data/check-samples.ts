import { DataError } from '@espalier/core';
import type { Loss } from '../loss/loss.js';
import type { NetworkInput } from '../network/network.js';
import type { Samples } from './samples.js';

/**
 * Sees to it that samples fit a network.
 *
 * @param width - numbers that the network gives for a sample
 * @throws {DataError} when inputs have other shapes, or what the loss needs is missing or out of range
 */
export function checkSamples(
  { name, inputs, labels, targets }: Samples,
  networkInputs: readonly NetworkInput[],
  loss: Loss,
  width: number,
): void {
  const where = `data set "${name}"`;
  for (const input of networkInputs) {
    const found = inputs[input.name];
    if (found?.dims.join() === input.dims.join()) continue;
    const has = found === undefined ? 'no such input' : `samples of [${found.dims.join(', ')}]`;
    throw new DataError({
      what: `The model's input "${input.name}" takes samples of [${input.dims.join(', ')}], the data set has ${has}.`,
      where,
    });
  }
  if (loss.needs === 'targets') {
    if (targets !== null && targets.dims.reduce((a, b) => a * b, 1) === width) return;
    throw new DataError({
      what: `The loss ${loss.name} needs ${width} numbers for each sample to compare the output with.`,
      where,
      fix: 'Give "targets" of the shape of the output.',
    });
  }
  if (labels !== null) {
    checkLabels(labels, width, where);
  } else if (loss.needs === 'labels') {
    throw new DataError({
      what: `The data set has no labels, and the loss ${loss.name} needs them.`,
      where,
      fix: 'Give labels, or train against another model by distillation.',
    });
  }
}

function checkLabels(labels: ArrayLike<number>, width: number, where: string): void {
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i] as number; // i < length
    if (Number.isInteger(label) && label >= 0 && label < width) continue;
    throw new DataError({
      what: `Sample ${i} is of class ${label}, the model has classes 0 to ${width - 1}.`,
      where,
      fix: 'Number the classes from 0 on, in the order of the outputs.',
    });
  }
}
