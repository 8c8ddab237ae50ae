import type { Coupling } from '../node-axes.js';

/** One input, element by element; what else is read are scalars. */
export const unary: Coupling = (axes) => {
  for (let i = 0; i < axes.node.outputs.length; i++)
    if (axes.node.outputs[i] != null) axes.coupleAll(axes.input(0), axes.output(i));
};

/** Any number of inputs that are broadcast, element by element. */
export const broadcast: Coupling = (axes) => {
  for (let i = 0; i < axes.node.inputs.length; i++) axes.broadcast(axes.input(i), axes.output());
};

/** A factor and a shift for each channel, which is axis 1. */
export const batchNormalization: Coupling = (axes) => {
  if (
    axes.node.attributes.int('training_mode', 0) !== 0 ||
    axes.node.outputs.slice(1).some((v) => v !== null)
  ) {
    axes.pinAll();
    return;
  }
  axes.coupleAll(axes.input(0), axes.output());
  coupleParameters(axes);
};

/** Norms of each channel by itself, over all places. */
export const instanceNormalization: Coupling = (axes) => {
  axes.coupleAll(axes.input(0), axes.output());
  axes.pin(...axes.output().slice(2));
  coupleParameters(axes);
};

function coupleParameters(axes: Parameters<Coupling>[0]): void {
  for (let i = 1; i < axes.node.inputs.length; i++) axes.couple(axes.input(i)[0], axes.output()[1]);
}

/** Everything along the axis goes into each of its results. */
export const alongAxis =
  (fallback: number): Coupling =>
  (axes) => {
    const result = axes.output();
    const axis = axes.node.attributes.int('axis', fallback);
    axes.coupleAll(axes.input(0), result);
    axes.pin(result.at(axis));
  };

/** Everything from the axis on goes into each of its results. */
export const layerNormalization: Coupling = (axes) => {
  const result = axes.output();
  axes.coupleAll(axes.input(0), result);
  axes.pin(...result.slice(axes.node.attributes.int('axis', -1)));
  for (let i = 1; i < axes.node.inputs.length; i++) axes.broadcast(axes.input(i), result);
};

/** Windows over places; channels by themselves. */
export const pool: Coupling = (axes) => {
  const [read, result] = [axes.input(0), axes.output()];
  // Where a maximum stood is told by its place among all channels.
  if (axes.node.outputs.slice(1).some((output) => output !== null)) axes.pinAll();
  axes.coupleAll(read.slice(0, 2), result.slice(0, 2));
  axes.pin(...read.slice(2), ...result.slice(2));
};
