import {
  DataError,
  type Executor,
  type Model,
  type PassContext,
  PluginError,
  type Tensor,
  toFloat32,
} from '@espalier/core';
import type { EqualizeOptions } from './options.js';
import type { Pair } from './pairs.js';

/** Samples run at a time. */
const BATCH = 16;

/**
 * The largest value of each channel before the Clip of each pair, on calibration data. 0 where a channel is never above it.
 *
 * @throws {DataError} when there is no calibration data
 * @throws {PluginError} when there is nothing to run models with
 */
export async function channelPeaks(
  model: Model,
  pairs: readonly Pair[],
  executor: Executor | null,
  { data: { calibration }, options, progress }: PassContext<EqualizeOptions>,
): Promise<ReadonlyMap<Pair, Float64Array>> {
  if (calibration === undefined || calibration.count === 0) {
    throw new DataError({
      what: 'How far a channel stays below the bound of a Relu6 is measured on calibration data, and there are none.',
      where: 'equalize.relu6',
      fix: 'Pass --calibration FILE, or { data: { calibration } } in code; or use "keep".',
    });
  }
  if (executor === null) {
    throw new PluginError({
      what: 'What channels reach is measured by running the model, and nothing that can run models is registered.',
      fix: 'Add the plugin "runtime" of @espalier/presets to the compressor, or use relu6 "keep".',
    });
  }
  const peaks = new Map<Pair, Float64Array>();
  const readers = new Map<string, (tensor: Tensor) => void>();
  for (const pair of pairs) {
    const { before, clip } = pair;
    const name = clip?.node.inputs[0]?.name;
    if (name === undefined) continue;
    const own = new Float64Array(before.outputCount);
    peaks.set(pair, own);
    const isConv = before.node.op.startsWith('Conv');
    readers.set(name, (tensor) => raise(own, tensor, isConv ? 1 : tensor.dims.length - 1));
  }
  const total = Math.min(options.samples, calibration.count);
  let done = 0;
  const names = new Set(readers.keys());
  const execution = await executor.prepare(model);
  try {
    for await (const { feeds, count } of calibration.batches(BATCH, total)) {
      await execution.run(feeds, ({ name }, tensor) => readers.get(name)?.(tensor), names);
      done += count;
      await progress(Math.min(done, total), total, 'measuring channels');
    }
  } finally {
    execution.dispose();
  }
  return peaks;
}

/** Raises each peak to the largest value of its slice along the axis. */
function raise(peaks: Float64Array, tensor: Tensor, axis: number): void {
  const values = toFloat32(tensor);
  const inner = tensor.dims.slice(axis + 1).reduce((a, b) => a * b, 1);
  for (let i = 0; i < values.length; i++) {
    const channel = Math.floor(i / inner) % peaks.length;
    const [value, peak] = [values[i] ?? 0, peaks[channel] ?? 0];
    if (value > peak) peaks[channel] = value;
  }
}
