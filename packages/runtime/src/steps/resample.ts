import { InternalError, Tensor } from '@espalier/core';
import { resampleTable } from '@espalier/kernels';
import { Activation } from '../memory/activation.js';
import type { Grid } from '../memory/grid.js';
import { type Layout, logicalDims, memoryDims } from '../memory/layout.js';
import type { AxisResampling, OperatorEntry } from '../operators/operator.js';
import type { Job } from '../plan/job.js';
import type { Address } from '../tape/block.js';
import type { Recorder } from '../tape/recorder.js';
import { channelsLastCall } from './memory-order.js';

/** What is resampled: reals, or codes on a grid that input and result share, where a mean of codes is the code of the mean. */
export interface Resampled {
  readonly x: Activation;
  readonly grid: Grid | null;
}

/**
 * Resize that mixes elements, axis by axis, in the layout at hand. All inputs beside the first must be the same in each
 * run; null where no axis changes.
 */
export function resample(
  job: Job,
  entry: OperatorEntry,
  inputs: readonly (Activation | null)[],
  { x, grid }: Resampled,
  recorder: Recorder,
): Activation | null {
  const { layout } = x;
  const dims = [...memoryDims(x.dims, layout)];
  const axes = axesOf(job, entry, inputs, x, layout);
  const changing = [...axes.entries()].filter(([, axis]) => axis !== null);
  if (changing.length === 0) return null;
  let from = grid === null ? x.reals(layout) : codesAsReals(x, layout, recorder);
  const finalDims = logicalDims(
    dims.map((size, axis) => axes[axis]?.length ?? size),
    layout,
  );
  const y =
    grid === null
      ? Activation.reals(recorder, finalDims, layout)
      : Activation.codes(recorder, finalDims, layout, grid);
  for (const [index, [axis, elements]] of changing.entries()) {
    if (elements === null) continue;
    const outer = product(dims.slice(0, axis));
    const [length, inner] = [dims[axis] ?? 1, product(dims.slice(axis + 1))];
    dims[axis] = elements.length;
    const isLast = index === changing.length - 1;
    const to = isLast && grid === null ? y.reals(layout) : recorder.scratch(product(dims) * 4);
    const table = recorder.held.place(resampleTable(elements));
    const taps = elements[0]?.places.length ?? 0;
    if (product(dims) > 0)
      recorder.call('resampleF32', [outer, length, elements.length, inner, taps, table, from, to]);
    from = to;
  }
  if (grid !== null) recorder.call('quantizeF32I8', [y.size, from, y.codes(layout), 1, 0, -128, 127]);
  return y;
}

/** Codes as the whole numbers that they are. */
function codesAsReals(x: Activation, layout: Layout, recorder: Recorder): Address {
  const reals = recorder.scratch(x.size * 4);
  recorder.call('dequantizeI8F32', [x.size, x.codes(layout), reals, 1, 0]);
  return reals;
}

/** How the operator mixes elements along each axis in memory. */
function axesOf(
  { node }: Job,
  entry: OperatorEntry,
  inputs: readonly (Activation | null)[],
  x: Activation,
  layout: Layout,
): readonly (AxisResampling | null)[] {
  const others = inputs.slice(1).map((input) => input?.tensor() ?? null);
  const given = [null, ...others];
  const ordered =
    layout === 'row-major' ? null : channelsLastCall(node.op, given, node.attributes, x.dims.length);
  const dims = memoryDims(x.dims, layout);
  const shape = new Tensor('int8', new Int8Array(product(dims)), dims);
  const call = { attributes: ordered?.attributes ?? node.attributes, outputs: [true], name: node.name };
  const axes = entry.resampling?.([shape, ...(ordered?.inputs ?? given).slice(1)], call);
  if (axes !== undefined) return axes;
  throw new InternalError({ what: `${node.op} does not say how it resamples.` });
}

function product(sizes: readonly number[]): number {
  return sizes.reduce((a, b) => a * b, 1);
}
