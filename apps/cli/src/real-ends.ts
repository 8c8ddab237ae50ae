import { type Graph, Model, type Node, toNumbers, type Value } from '@espalier/core';

/** real = scale * (code - zeroPoint), of an input or output that holds codes. */
export interface CodeGrid {
  readonly scale: number;
  readonly zeroPoint: number;
}

/** The grid of an input of codes, as quantized .tflite files have it; null where it has none. */
export function gridOfInput(graph: Graph, input: Value): CodeGrid | null {
  const reader = readerOf(graph, input);
  return reader === null ? null : gridOf(reader);
}

/**
 * The model with reals in place of codes at its ends, under other names: what takes and gives codes can then stand beside
 * what takes and gives reals.
 *
 * @param like - a model whose inputs and outputs have these names, in the same order
 * @returns null where the two do not have as many inputs and outputs
 */
export function withRealEnds(model: Model, like: Model): Model | null {
  const { graph } = model.clone();
  const { inputs, outputs } = like.graph;
  if (inputs.length !== graph.inputs.length || outputs.length !== graph.outputs.length) return null;
  const ends = graph.outputs.map((output) => realOutput(graph, output));
  graph.setOutputs(ends);
  // Inputs are listed in the order in which they are added.
  for (const [index, input] of [...graph.inputs].entries())
    takeReals(graph, input, inputs[index]?.name ?? input.name);
  for (const [index, output] of graph.outputs.entries()) {
    const name = outputs[index]?.name ?? output.name;
    if (graph.value(name) === undefined) graph.rename(output, name);
  }
  graph.removeDead();
  const { metadata, requantization } = model;
  return new Model(graph, { metadata, requantization });
}

/** The one node that makes reals of an input of codes. */
function readerOf(graph: Graph, input: Value): Node | null {
  const [reader, ...others] = graph.consumers(input);
  return others.length === 0 && reader?.op === 'DequantizeLinear' ? reader : null;
}

function gridOf({ inputs: [, scale, zero] }: Node): CodeGrid | null {
  const [s, z] = [scale?.constant, zero?.constant].map((constant) =>
    constant == null ? [] : Array.from(toNumbers(constant.decode())),
  );
  const [only] = s ?? [];
  return only === undefined || s?.length !== 1 ? null : { scale: only, zeroPoint: z?.[0] ?? 0 };
}

function takeReals(graph: Graph, input: Value, name: string): void {
  const reader = readerOf(graph, input);
  const [real] = reader?.outputs ?? [];
  const old = reader === null || real == null ? input : real;
  const { type } = old;
  if (type === null) return;
  graph.rename(input, `${input.name}_replaced`);
  if (graph.value(name) !== undefined) graph.rename(graph.value(name) as Value, `${name}_replaced`);
  const taken = graph.addInput(name, type);
  graph.replaceAllUses(old, taken);
  if (reader !== null) graph.remove(reader);
  graph.removeInput(input);
}

function realOutput(graph: Graph, output: Value): Value {
  const producer = graph.producer(output);
  return producer?.op === 'QuantizeLinear' ? (producer.inputs[0] ?? output) : output;
}
