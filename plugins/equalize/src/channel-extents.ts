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

/** How far each channel goes, over all samples and positions. */
export interface ChannelExtents {
  readonly least: Float64Array;
  readonly most: Float64Array;
}

/**
 * How far the channels between the layers of each pair go on calibration data, before any activation.
 *
 * @throws {DataError} when there is no calibration data
 * @throws {PluginError} when there is nothing to run models with
 */
export async function channelExtents(
  model: Model,
  pairs: readonly Pair[],
  executor: Executor | null,
  { data: { calibration }, options, progress }: PassContext<EqualizeOptions>,
): Promise<ReadonlyMap<Pair, ChannelExtents>> {
  if (calibration === undefined || calibration.count === 0) {
    throw new DataError({
      what: 'What channels reach is measured on calibration data, and there are none.',
      where: 'equalize',
      fix: 'Pass --calibration FILE, or { data: { calibration } } in code; or use ranges "weights", relu6 "keep" and no absorbBiases.',
    });
  }
  if (executor === null) {
    throw new PluginError({
      what: 'What channels reach is measured by running the model, and nothing that can run models is registered.',
      fix: 'Add the plugin "runtime" of @espalier/presets to the compressor; or use ranges "weights", relu6 "keep" and no absorbBiases.',
    });
  }
  const extents = new Map<Pair, ChannelExtents>();
  const readers = new Map<string, (tensor: Tensor) => void>();
  for (const pair of pairs) {
    const { output, outputCount, node } = pair.before;
    const own = {
      least: new Float64Array(outputCount).fill(Infinity),
      most: new Float64Array(outputCount).fill(-Infinity),
    };
    extents.set(pair, own);
    const isConv = node.op.startsWith('Conv');
    readers.set(output.name, (tensor) => widen(own, tensor, isConv ? 1 : tensor.dims.length - 1));
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
  return extents;
}

/** Takes in the slices along the axis. */
function widen({ least, most }: ChannelExtents, tensor: Tensor, axis: number): void {
  const values = toFloat32(tensor);
  const inner = tensor.dims.slice(axis + 1).reduce((a, b) => a * b, 1);
  for (let at = 0, channel = 0; at < values.length; at += inner) {
    let [low, high] = [least[channel] ?? 0, most[channel] ?? 0];
    for (let i = at; i < at + inner; i++) {
      const value = values[i] as number; // in range
      if (value < low) low = value;
      if (value > high) high = value;
    }
    least[channel] = low;
    most[channel] = high;
    channel = channel + 1 === least.length ? 0 : channel + 1;
  }
}
