import {
  type Calibrator,
  forOp,
  type Graph,
  type Model,
  type Observer,
  type PassContext,
  type Quantization,
  type Value,
} from '@espalier/core';
import { requireCalibration } from '../calibration-source.js';
import { calibratorNamed } from '../calibrators/registered.js';
import { type QuantizeOptions, quantizeOptions } from '../options.js';
import { activationGrid, fixedGrid, fixedWideGrid } from './activation-grid.js';
import { calibrate } from './calibrate.js';
import { joinConcats } from './join-concats.js';
import { type Selected, valuesOf } from './selection.js';
import type { Tools } from './static-quantization.js';

/** A grid for each value around the selected nodes that has none yet. */
export async function chooseGrids(
  model: Model,
  selected: readonly Selected[],
  { executor, calibrators, ranges: known = new Map() }: Tools,
  context: PassContext<QuantizeOptions>,
): Promise<Map<Value, Quantization>> {
  const open = new Set(selected.flatMap(valuesOf).filter((value) => value.type?.quantization === undefined));
  const moved = new Map<Value, Value>();
  const grids = new Map<Value, Quantization>();
  for (const { node, operator, results } of selected) {
    for (const value of results) {
      if (!open.has(value)) continue;
      const isWide = storageOf(model.graph, value, context.options) === 'int16';
      const isFixed = results[0] === node.outputs[0] && (!isWide || model.requantization !== 'onnx');
      const fixed = isFixed ? (isWide ? fixedWideGrid : fixedGrid)(node.op) : null;
      const source = node.inputs[0];
      if (operator.role === 'mover' && source != null) moved.set(value, source);
      else if (fixed !== null) grids.set(value, fixed);
    }
  }
  const measured = [...open].filter((value) => !moved.has(value) && !grids.has(value));
  const observed = observers(model, calibrators, context.options);
  const names = new Set(measured.map((value) => value.name).filter((name) => !known.has(observed(name).key)));
  if (names.size > 0) {
    const source = requireCalibration(executor, context.data);
    const found = await calibrate(model, names, (name) => observed(name).make(), source, context);
    for (const [name, range] of found) known.set(observed(name).key, range);
  }
  const ranges = new Map(
    measured.map(({ name }) => [name, known.get(observed(name).key) ?? { min: 0, max: 0 }]),
  );
  for (const value of measured) {
    const range = ranges.get(value.name) ?? { min: 0, max: 0 };
    grids.set(value, activationGrid(range, storageOf(model.graph, value, context.options)));
  }
  if (model.requantization !== 'onnx') joinConcats(model.graph, selected, { grids, moved, ranges });
  // In order of execution, so that a chain of movers hands on one grid.
  for (const [value, source] of moved) {
    const grid = grids.get(source) ?? source.type?.quantization;
    if (grid !== undefined) grids.set(value, grid);
  }
  return grids;
}

/** How one value is observed. */
interface Observed {
  /** The same where the range is: of the value, and of all that it depends on. */
  readonly key: string;
  make(): Observer;
}

/** The observer of each value, as the options say by the value's name or the operator that computes it. */
function observers(
  { graph }: Model,
  calibrators: readonly Calibrator[],
  options: QuantizeOptions,
): (name: string) => Observed {
  return (name) => {
    const op = graph.producer(graph.value(name))?.op ?? '';
    const chosen = forOp(options.observer, quantizeOptions.defaults.observer, { name, op });
    const bitWidth = storageOf(graph, graph.value(name), options) === 'int16' ? 16 : 8;
    const { percentile, samples, batchSize } = options;
    return {
      key: `${chosen} ${percentile} ${bitWidth} ${samples} ${batchSize} ${name}`,
      make: () => calibratorNamed(calibrators, chosen).observe({ percentile, bitWidth }),
    };
  };
}

/** The codes of a value, as the options say by its name or the operator that computes it. */
function storageOf(
  graph: Graph,
  value: Value | undefined,
  { activations }: QuantizeOptions,
): 'int8' | 'int16' {
  const layer = { name: value?.name ?? '', op: graph.producer(value)?.op ?? '' };
  return forOp(activations, quantizeOptions.defaults.activations, layer);
}
