import { elementCount } from '@espalier/core';
import type { Geometry, KernelName } from '@espalier/kernels';
import { Activation } from '../memory/activation.js';
import { type Grid, sameGrid } from '../memory/grid.js';
import { planesOf } from '../memory/layout.js';
import { type Compute, type Job, type Planned, type Planner, type Refusal, refuse } from '../plan/job.js';
import type { Address, Argument } from '../tape/block.js';
import type { Recorder } from '../tape/recorder.js';
import { gridOfValue, isFloat32Value, needed } from './operands.js';
import { placeWindow, readWindow, type Window } from './window.js';

export function poolWindow({ node }: Job): Window | Refusal {
  const kernel = node.attributes.ints('kernel_shape', []);
  if (kernel.length < 1 || kernel.length > 2)
    return refuse(`a window of rank ${kernel.length} is not implemented`);
  if (node.outputs[1] != null) return refuse('its output "Indices" is not implemented');
  return readWindow(node.attributes, kernel);
}

/** A room for the result of a pool, as codes where there is a grid. */
function room(recorder: Recorder, dims: readonly number[], grid: Grid | null): Activation {
  return grid === null
    ? Activation.reals(recorder, dims, 'channels-last')
    : Activation.codes(recorder, dims, 'channels-last', grid);
}

/** Shares the rows of a pool out; `argsOf` is given the address of a geometry that says which. */
function splitPool(
  recorder: Recorder,
  kernel: KernelName,
  geometry: Geometry,
  argsOf: (geometry: number) => readonly Argument[],
): void {
  const { batch, outputHeight, outputWidth, outputChannels, kernelHeight, kernelWidth } = geometry;
  const rows = batch * outputHeight;
  // Sixteen bytes are compared at once: a tap takes less than an element of a sum.
  const elements = (rows * outputWidth * outputChannels * kernelHeight * kernelWidth) / 4;
  recorder.split(kernel, rows, 0, (range) => argsOf(recorder.geometry(geometry, range)), { elements });
}

/** MaxPool of one or two spatial axes. */
export function planMaxPool(integer: boolean): Planner {
  return (job) => {
    const window = poolWindow(job);
    if ('reason' in window) return window;
    const grids = integer ? gridsOf(job) : null;
    if (integer && grids === null) return refuse('it is not quantized');
    if (!isFloat32Value(job.node.inputs[0])) return refuse('it is not float32');
    const compute: Compute = (inputs, recorder) => {
      const x = needed(inputs, 0, job);
      const { geometry, outputDims } = placeWindow(job.node, window, x.dims, x.dims[1] ?? 0, 1);
      const y = room(recorder, outputDims, grids?.y ?? null);
      if (grids === null) {
        const [from, to] = [x.reals('channels-last'), y.reals('channels-last')];
        splitPool(recorder, 'maxPoolF32', geometry, (at) => [at, from, to]);
        return [y];
      }
      const [from, to] = [x.codes('channels-last'), y.codes('channels-last')];
      splitPool(recorder, 'maxPoolI8', geometry, (at) => [at, from, to]);
      // The largest code is that of the largest real on any grid, so the grid may be changed afterwards.
      if (!sameGrid(grids.x, grids.y)) moveToGrid(recorder, y.size, to, to, grids);
      return [y];
    };
    return { compute };
  };
}

/** GlobalMaxPool over codes: one window over all pixels, seen as one row. */
export function planGlobalMaxPoolInt8(job: Job): Planned | Refusal {
  const grids = gridsOf(job);
  if (grids === null) return refuse('it is not quantized');
  const compute: Compute = (inputs, recorder) => {
    const x = needed(inputs, 0, job);
    const { batch, channels, spatial } = planesOf(x.dims);
    const geometry = {
      batch,
      inputHeight: 1,
      inputWidth: spatial,
      inputChannels: channels,
      outputHeight: 1,
      outputWidth: 1,
      outputChannels: channels,
      kernelHeight: 1,
      kernelWidth: spatial,
      strideHeight: 1,
      strideWidth: 1,
      dilationHeight: 1,
      dilationWidth: 1,
      padTop: 0,
      padLeft: 0,
      padBottom: 0,
      padRight: 0,
      groups: 1,
    };
    const y = Activation.codes(recorder, [batch, channels, ...x.dims.slice(2).fill(1)], 'row-major', grids.y);
    const to = y.codes('row-major');
    recorder.call('maxPoolI8', [recorder.geometry(geometry), x.codes('channels-last'), to]);
    if (!sameGrid(grids.x, grids.y)) moveToGrid(recorder, y.size, to, to, grids);
    return [y];
  };
  return { compute };
}

export interface GridPair {
  readonly x: Grid;
  readonly y: Grid;
}

/** The grids of the first input and of the result; null where one is not quantized. */
export function gridsOf(job: Job): GridPair | null {
  const x = gridOfValue(job.node.inputs[0]);
  const y = gridOfValue(job.outputs[0]);
  return x === null || y === null ? null : { x, y };
}

/** Dense codes from one grid to another; `to` may be `from`. */
export function moveToGrid(
  recorder: Recorder,
  size: number,
  from: Address,
  to: Address,
  { x, y }: GridPair,
): void {
  const args = [1, size, from, size, to, size, x.scale, x.zero, y.scale, y.zero, -128, 127];
  recorder.call('requantizeI8', args);
}

/** AveragePool of one or two spatial axes. */
export function planAveragePool(integer: boolean): Planner {
  return (job) => {
    const window = poolWindow(job);
    if ('reason' in window) return window;
    const grids = integer ? gridsOf(job) : null;
    if (integer && grids === null) return refuse('it is not quantized');
    if (!isFloat32Value(job.node.inputs[0])) return refuse('it is not float32');
    const includePad = job.node.attributes.int('count_include_pad', 0);
    const compute: Compute = (inputs, recorder) => {
      const input = needed(inputs, 0, job);
      const { geometry, outputDims } = placeWindow(job.node, window, input.dims, input.dims[1] ?? 0, 1);
      const output = room(recorder, outputDims, grids?.y ?? null);
      if (grids === null) {
        const [from, to] = [input.reals('channels-last'), output.reals('channels-last')];
        splitPool(recorder, 'averagePoolF32', geometry, (at) => [at, from, to, includePad]);
        return [output];
      }
      const { x, y } = grids;
      const from = input.codes('channels-last');
      const to = output.codes('channels-last');
      const multiplier = Math.fround(x.scale / y.scale);
      splitPool(recorder, 'averagePoolI8', geometry, (at) => {
        return [at, from, to, includePad, multiplier, x.zero, y.zero, -128, 127];
      });
      return [output];
    };
    return { compute };
  };
}

/** Mean over all spatial axes: GlobalAveragePool, or ReduceMean over them. */
export function planGlobalAveragePool(integer: boolean): Planner {
  return (job) => {
    const keep = keepsAxes(job);
    if (typeof keep !== 'boolean') return keep;
    const grids = integer ? gridsOf(job) : null;
    if (integer && grids === null) return refuse('it is not quantized');
    if (!isFloat32Value(job.node.inputs[0])) return refuse('it is not float32');
    const compute: Compute = (inputs, recorder) => {
      const input = needed(inputs, 0, job);
      const { batch, channels } = planesOf(input.dims);
      const pixels = elementCount(input.dims.slice(2));
      const dims = [batch, channels, ...(keep ? input.dims.slice(2).fill(1) : [])];
      const output = room(recorder, dims, grids?.y ?? null);
      if (grids === null) {
        const from = input.reals('channels-last');
        recorder.call('globalAveragePoolF32', [batch, pixels, channels, from, output.reals('row-major')]);
        return [output];
      }
      const { x, y } = grids;
      const from = input.codes('channels-last');
      const to = output.codes('row-major');
      const multiplier = Math.fround(x.scale / y.scale);
      const args = [batch, pixels, channels, from, to, multiplier, x.zero, y.zero, -128, 127];
      recorder.call('globalAveragePoolI8', args);
      return [output];
    };
    return { compute, packed: job.node.op === 'ReduceMean' ? [1] : [] };
  };
}

/** Whether the averaged axes stay as ones; a refusal where they are not exactly the spatial ones. */
function keepsAxes({ node, constant }: Job): boolean | Refusal {
  if (node.op === 'GlobalAveragePool') return true;
  const rank = node.inputs[0]?.type?.dims?.length ?? 0;
  const axes = constant(node.inputs[1]);
  if (axes === null || rank < 3) return refuse('its axes are not known');
  const found = new Set(Array.from(axes.data as BigInt64Array, (axis) => (Number(axis) + rank) % rank));
  const spatial = found.size === rank - 2 && !found.has(0) && !found.has(1);
  return spatial ? node.attributes.int('keepdims', 1) === 1 : refuse('its axes are not the spatial ones');
}
