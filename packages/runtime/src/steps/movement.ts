import { Tensor } from '@espalier/core';
import { Activation } from '../memory/activation.js';
import { codeOf, type Grid, sameGrid } from '../memory/grid.js';
import { operatorTable } from '../operators/operator-table.js';
import { type Job, type Planned, type Refusal, refuse } from '../plan/job.js';
import { gridOfValue, needed } from './operands.js';
import { moveToGrid } from './pool.js';

/** Operators that only move elements of their first input: they do with codes what they do with reals. */
export const movementOperators: readonly string[] = [
  'DepthToSpace',
  'Expand',
  'Flatten',
  'Gather',
  'GatherElements',
  'GatherND',
  'GlobalMaxPool',
  'Reshape',
  'Slice',
  'SpaceToDepth',
  'Split',
  'Squeeze',
  'Tile',
  'Transpose',
  'Unsqueeze',
];

/** An operator of the list above over codes, by its plain implementation. */
export function planMovementInt8(job: Job): Planned | Refusal {
  return planOnCodes(job, () => null);
}

/** Pad over codes: what it pads with becomes a code, and saturates as the result would. */
export function planPadInt8(job: Job): Planned | Refusal {
  const fill = job.node.inputs[2];
  const value = job.constant(fill);
  if (fill != null && value === null) return refuse('its value is not constant');
  return planOnCodes(job, (index, x) =>
    index === 2 ? new Tensor('int8', Int8Array.of(codeOf(Number(value?.data[0] ?? 0), x)), []) : null,
  );
}

/** Resize over codes where each output is one of the inputs. */
export function planResizeInt8(job: Job): Planned | Refusal {
  const { attributes } = job.node;
  if (attributes.string('mode', 'nearest') !== 'nearest') return refuse('it computes new values');
  if (attributes.string('coordinate_transformation_mode', 'half_pixel') === 'tf_crop_and_resize') {
    return refuse('it fills in values');
  }
  return planOnCodes(job, () => null);
}

type Replace = (index: number, x: Grid) => Tensor | null;

/** @param replace - a tensor to take for an input, or null for the input as it is */
function planOnCodes(job: Job, replace: Replace): Planned | Refusal {
  const { node, workspace } = job;
  const entry = operatorTable[node.op];
  const x = gridOfValue(node.inputs[0]);
  const grids = job.outputs.map((value) => (value === null ? null : gridOfValue(value)));
  if (entry === undefined || !entry.types.includes('int8')) return refuse('it is not implemented for int8');
  if (x === null || job.outputs.some((value, i) => value !== null && grids[i] === null))
    return refuse('it is not quantized');
  const call = {
    attributes: node.attributes,
    outputs: job.outputs.map((value) => value !== null),
    name: node.name,
  };
  const count = Math.max(node.inputs.length, node.op === 'Pad' ? 3 : 0);
  const compute: Planned['compute'] = (inputs) => {
    const from = needed(inputs, 0, job);
    from.codes('row-major');
    for (const other of inputs.slice(1)) other?.makeTensor();
    const codes = new Tensor('int8', from.codeView('row-major'), from.dims);
    const tensors = Array.from({ length: count }, (_, index) =>
      index === 0 ? codes : (replace(index, x) ?? inputs[index]?.tensor() ?? null),
    );
    const results = entry.run(tensors, call);
    // Results may be views of the input: all are copied before memory moves.
    const copies = results.map((tensor) =>
      tensor === null ? null : { dims: tensor.dims, data: tensor.data.slice() as Int8Array },
    );
    return copies.map((copy, index) => {
      const grid = grids[index];
      if (copy === null || grid == null) return null;
      const to = Activation.codes(workspace, copy.dims, 'row-major', grid);
      to.codeView('row-major').set(copy.data);
      const address = to.codes('row-major');
      if (!sameGrid(x, grid)) moveToGrid(workspace, to.size, address, address, { x, y: grid });
      return to;
    });
  };
  return { compute };
}
