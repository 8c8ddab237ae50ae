import {
  AffineEncoding,
  integerRange,
  type Node,
  sameQuantization,
  UnsupportedError,
  type Value,
} from '@espalier/core';
import type { Workspace } from '@espalier/runtime/tape';
import type { Slot } from '../network/slots.js';
import { entryOf } from '../operators/entry-of.js';
import { BiasGrid } from './bias-grid.js';
import { codeRange } from './codes.js';
import { Grid, type GridStart } from './grid.js';
import { LearnedGrid } from './learned-grid.js';
import { MovingGrid } from './moving-grid.js';

/**
 * What becomes of the ranges of a quantized model in training: scales are trained with the weights; those of activations
 * follow the extremes of batches, averaged, and those of weights stay; or all stay.
 */
export type Ranges = 'learned' | 'moving-average' | 'fixed';

/** A network whose values and weights may have grids. */
export interface QuantizedNetwork {
  readonly inputs: readonly Value[];
  readonly nodes: readonly Node[];
  /** Weights, by name. */
  readonly slots: ReadonlyMap<string, Slot>;
  /** Values that a trained weight has a part in. */
  readonly differentiated: ReadonlySet<Value>;
  readonly ranges: Ranges;
}

/** The grids of a network: none where nothing is quantized. */
export class NetworkGrids {
  /** Of values, by name; one that only moves elements has the grid of what it moves. */
  readonly values: ReadonlyMap<string, Grid>;
  /** Of weights and biases, by name. */
  readonly weights: ReadonlyMap<string, Grid>;
  /** Names of values whose elements are on their grid already. */
  readonly #moved: ReadonlySet<string>;

  /** @throws {UnsupportedError} when a bias has two units, or an activation a scale for each slice */
  constructor(workspace: Workspace, network: QuantizedNetwork) {
    const [values, moved] = [new Map<string, Grid>(), new Set<string>()];
    for (const input of network.inputs) {
      const grid = gridOfValue(workspace, input, undefined, network);
      if (grid !== null) values.set(input.name, grid);
    }
    for (const node of network.nodes) {
      const before = node.inputs[0];
      const source = before == null ? undefined : values.get(before.name);
      for (const output of node.outputs) {
        if (output === null) continue;
        const keeps = sameQuantization(before?.type?.quantization, output.type?.quantization);
        const { moves, isBounding } = entryOf(node);
        if (keeps && source !== undefined && (moves === true || isBounding === true)) {
          values.set(output.name, source);
          // A bound may be beside the grid.
          if (moves === true) moved.add(output.name);
          continue;
        }
        const grid = gridOfValue(workspace, output, node, network);
        if (grid !== null) values.set(output.name, grid);
      }
    }
    this.values = values;
    this.#moved = moved;
    this.weights = gridsOfWeights(workspace, network, values);
  }

  /** All of them, those first that others are made of. */
  get all(): readonly Grid[] {
    return [...new Set([...this.values.values(), ...this.weights.values()])];
  }

  /** The grid that the results of a node are to be rounded to; null for none. */
  roundingOf(value: Value | null | undefined): Grid | null {
    if (value == null || this.#moved.has(value.name)) return null;
    return this.values.get(value.name) ?? null;
  }
}

function gridOfValue(
  workspace: Workspace,
  value: Value,
  node: Node | undefined,
  { differentiated, ranges }: QuantizedNetwork,
): Grid | null {
  const parameters = value.type?.quantization;
  if (parameters === undefined) return null;
  const { axis, storageType } = parameters;
  if (axis !== null) {
    throw new UnsupportedError({
      what: `The value "${value.name}" has a scale for each slice along axis ${axis}.`,
      fix: 'Train a model whose activations have one scale.',
    });
  }
  const { min: low, max: high } = integerRange(storageType);
  const start: GridStart = { name: value.name, low, high, parameters };
  const isKnown = node !== undefined && entryOf(node).isBounded === true;
  if (isKnown || ranges === 'fixed') return new Grid(workspace, start);
  if (ranges === 'learned')
    return differentiated.has(value) ? new LearnedGrid(workspace, start) : new Grid(workspace, start);
  // Symmetric codes of 16 bits have no side to move.
  return high - low < 256 ? new MovingGrid(workspace, start) : new Grid(workspace, start);
}

function gridsOfWeights(
  workspace: Workspace,
  { slots, ranges }: QuantizedNetwork,
  values: ReadonlyMap<string, Grid>,
): ReadonlyMap<string, Grid> {
  const grids = new Map<string, Grid>();
  const biases: Slot[] = [];
  for (const slot of slots.values()) {
    const { name, constant, units } = slot;
    if (!(constant instanceof AffineEncoding)) continue;
    if (units.some(({ input }) => values.has(input))) {
      biases.push(slot);
      continue;
    }
    const start = { name, ...codeRange(constant), parameters: constant.quantization };
    const isLearned = ranges === 'learned' && slot.isTrainable;
    grids.set(name, isLearned ? new LearnedGrid(workspace, start) : new Grid(workspace, start));
  }
  for (const { name, constant, units } of biases) {
    const made = units.map(({ input, weight }) => ({ input: values.get(input), weight: grids.get(weight) }));
    const [first, ...others] = made;
    if (others.some(({ input, weight }) => input !== first?.input || weight !== first?.weight)) {
      throw new UnsupportedError({
        what: `The bias "${name}" is shared by operators that hold it in unlike units.`,
        fix: 'Give each of them a bias of its own.',
      });
    }
    if (first?.input === undefined || first.weight === undefined) continue;
    const { input, weight } = first;
    const lastAxis = constant.dims.length - 1;
    if (weight.axis !== null && constant.dims[lastAxis] !== weight.slices) {
      throw new UnsupportedError({
        what: `The bias "${name}" has ${constant.dims[lastAxis] ?? 1} numbers for ${weight.slices} channels with a scale each.`,
        fix: 'Give it one for each channel.',
      });
    }
    grids.set(name, new BiasGrid(workspace, name, lastAxis, input, weight));
  }
  return grids;
}
