import { ShapeError } from '@espalier/core';
import { Activation } from '../memory/activation.js';
import { type Grid, sameGrid } from '../memory/grid.js';
import { type Layout, layoutsAgree } from '../memory/layout.js';
import type { Compute, Job, Planned, Refusal } from '../plan/job.js';
import { refuse } from '../plan/job.js';
import type { Address } from '../tape/block.js';
import type { Recorder } from '../tape/recorder.js';
import { gridOfValue, isFloat32Value, needed } from './operands.js';

/** Concat of float32. */
export function planConcatFloat32(job: Job): Planned | Refusal {
  if (!job.node.inputs.every(isFloat32Value)) return refuse('it is not float32');
  return { compute: concat(job, null) };
}

/** Concat of codes; those on other grids than the result's are moved to it on the way. */
export function planConcatInt8(job: Job): Planned | Refusal {
  const grids = job.node.inputs.map(gridOfValue);
  const y = gridOfValue(job.outputs[0]);
  if (y === null || grids.some((grid) => grid === null)) return refuse('it is not quantized');
  return { compute: concat(job, y) };
}

/** Where the parts stand in each row of the result. */
interface Rows {
  readonly dims: readonly number[];
  readonly layout: Layout;
  readonly count: number;
  /** Elements a row, of each part. */
  readonly widths: readonly number[];
}

function concat(job: Job, grid: Grid | null): Compute {
  const { node } = job;
  return (inputs, recorder) => {
    const parts = node.inputs.map((_, index) => needed(inputs, index, job));
    const { dims, layout, count, widths } = rowsOf(job, parts);
    const y =
      grid === null
        ? Activation.reals(recorder, dims, layout)
        : Activation.codes(recorder, dims, layout, grid);
    const addresses = parts.map((part) => (grid === null ? part.reals(layout) : part.codes(layout)));
    const to = grid === null ? y.reals(layout) : y.codes(layout);
    const stride = widths.reduce((a, b) => a + b, 0);
    let offset = 0;
    for (const [index, width] of widths.entries()) {
      const from = addresses[index];
      if (from === undefined) break; // as many as widths
      copyPart(recorder, parts[index]?.grid ?? null, grid, { count, width, stride, from, to, offset });
      offset += width;
    }
    return [y];
  };
}

interface Part {
  readonly count: number;
  readonly width: number;
  readonly stride: number;
  readonly from: Address;
  readonly to: Address;
  readonly offset: number;
}

function copyPart(recorder: Recorder, x: Grid | null, y: Grid | null, part: Part): void {
  const { count, width, stride, from, to, offset } = part;
  if (y !== null && x !== null && !sameGrid(x, y)) {
    const grids = [x.scale, x.zero, y.scale, y.zero, -128, 127];
    recorder.call('requantizeI8', [count, width, from, width, to.plus(offset), stride, ...grids]);
    return;
  }
  const size = y === null ? 4 : 1;
  const args = [count, width * size, from, width * size, to.plus(offset * size), stride * size];
  recorder.call('copyRows', args);
}

function rowsOf({ node }: Job, parts: readonly Activation[]): Rows {
  const first = parts[0]?.dims ?? [];
  const given = node.attributes.int('axis', 0);
  const axis = given < 0 ? given + first.length : given;
  const fits = parts.every(
    ({ dims }) => dims.length === first.length && dims.every((dim, i) => i === axis || dim === first[i]),
  );
  if (!fits || axis < 0 || axis >= first.length) {
    throw new ShapeError({
      what: `Concat can't join ${parts.map(({ dims }) => `[${dims.join(', ')}]`).join(' and ')} along axis ${given}.`,
      where: `node "${node.name}"`,
    });
  }
  const total = parts.reduce((sum, { dims }) => sum + (dims[axis] ?? 0), 0);
  const dims = first.map((dim, i) => (i === axis ? total : dim));
  const product = (sizes: readonly number[]): number => sizes.reduce((a, b) => a * b, 1);
  // Along channels, channels-last parts are joined pixel by pixel; elsewhere they would have to be transposed.
  if (axis === 1 && parts.some((part) => part.layout === 'channels-last') && !layoutsAgree(dims)) {
    const count = product(dims) / total;
    return { dims, layout: 'channels-last', count, widths: parts.map((part) => part.dims[1] ?? 0) };
  }
  const inner = product(dims.slice(axis + 1));
  const widths = parts.map((part) => (part.dims[axis] ?? 0) * inner);
  return { dims, layout: 'row-major', count: product(dims.slice(0, axis)), widths };
}
