import type { Coupling } from '../node-axes.js';
import { numbersOf, wrap } from './size-inputs.js';

export const transpose: Coupling = (axes) => {
  const [read, result] = [axes.input(0), axes.output()];
  const order = axes.node.attributes.ints('perm') ?? [...read.keys()].reverse();
  for (const [i, from] of order.entries()) axes.couple(read.at(from), result[i]);
};

/** Dimensions that keep their size go through, unless a size is asked for. */
export const resize: Coupling = (axes) => {
  const [read, result] = [axes.input(0), axes.output()];
  const asked = axes.node.inputs[3];
  for (const [i, axis] of read.entries()) {
    if (asked == null && i < 2) axes.couple(axis, result[i]);
    else axes.pin(axis, result[i]);
  }
};

/** Rows of a table: the other dimensions go through. */
export const gather: Coupling = (axes) => {
  const [table, indices, result] = [axes.input(0), axes.input(1), axes.output()];
  const axis = wrap(axes.node.attributes.int('axis', 0), table.length);
  axes.pin(table[axis], ...indices, ...result.slice(axis, axis + indices.length));
  for (const [i, other] of table.entries()) {
    if (i < axis) axes.couple(other, result[i]);
    if (i > axis) axes.couple(other, result[i + indices.length - 1]);
  }
  // An embedding: what stands behind the index are its units.
  if (axes.node.inputs[0]?.constant != null)
    axes.produces(table.at(-1) === table[axis] ? null : table.at(-1));
};

/** Sums and means over some dimensions; the others go through. */
export const reduce: Coupling = (axes) => {
  const [read, result] = [axes.input(0), axes.output()];
  const chosen = axes.node.inputs[1];
  if (chosen != null && chosen.constant === null) {
    axes.pinAll();
    return;
  }
  const all = [...read.keys()];
  const given = numbersOf(axes.node, 1) ?? all;
  const over = (given.length === 0 ? all : given).map((axis) => wrap(axis, read.length));
  const keeps = axes.node.attributes.int('keepdims', 1) === 1;
  let at = 0;
  for (const [i, axis] of read.entries()) {
    if (over.includes(i)) axes.pin(axis, keeps ? result[at++] : null);
    else axes.couple(axis, result[at++]);
  }
};
