import { type Model, OptionsError, type RequantizationRule } from '@espalier/core';

/** @throws {OptionsError} when a part of the model is quantized already, under another rule */
export function setRule(model: Model, rule: RequantizationRule): void {
  if (model.requantization === rule) return;
  if (model.graph.values.some(({ type }) => type?.quantization !== undefined)) {
    throw new OptionsError({
      what: `The model has activations that are quantized under the rule "${model.requantization}".`,
      where: 'option "requantization" of "quantize"',
      fix: 'Leave the option out, or quantize the float model.',
    });
  }
  model.setRequantization(rule);
}
