import type { Model, Value } from '@espalier/core';

/** Operators whose third input is a bias of one number for each output channel. */
const withBias: readonly string[] = ['Conv', 'ConvTranspose', 'Gemm'];

/** The constant biases of a model's layers, each once. */
export function biasesOf({ graph }: Model): readonly Value[] {
  const biases = new Set<Value>();
  for (const { op, domain, inputs } of graph.nodes) {
    const bias = inputs[2];
    if (domain === '' && withBias.includes(op) && bias != null && bias.constant !== null) biases.add(bias);
  }
  return [...biases];
}
