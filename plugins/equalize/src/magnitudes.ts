import { type ChannelMap, type Layer, toFloat32 } from '@espalier/core';

/**
 * The largest magnitude of the weights between each output and each input channel of a layer: all that ranges depend on.
 * They stay what they are while channels are scaled, so that weights are decoded once.
 */
export interface Magnitudes {
  /** One an element of the weights, or one for all elements in a run that have both channels in common. */
  readonly values: Float32Array;
  readonly outputs: ChannelMap;
  readonly inputs: ChannelMap | null;
}

/** By what weights have been multiplied: divided for each output channel, multiplied for each input channel. */
export interface ChannelFactors {
  readonly outputs: Float64Array | undefined;
  readonly inputs: Float64Array | undefined;
}

export function magnitudesOf({ encoding, outputs, inputs }: Layer): Magnitudes {
  const weights = toFloat32(encoding.decode());
  const run = Math.min(outputs.inner, inputs?.inner ?? Infinity);
  // Runs of one map end where runs of the other do: both are products of the last dimensions.
  const shorter = (map: ChannelMap): ChannelMap => ({ ...map, inner: map.inner / run });
  return {
    values: run === 1 ? weights : largestOfRuns(weights, run),
    outputs: shorter(outputs),
    inputs: inputs === null ? null : shorter(inputs),
  };
}

function largestOfRuns(weights: Float32Array, run: number): Float32Array {
  const largest = new Float32Array(weights.length / run);
  for (let i = 0; i < weights.length; i++) {
    const at = Math.floor(i / run);
    const magnitude = Math.abs(weights[i] as number); // both in range
    if (magnitude > (largest[at] as number)) largest[at] = magnitude;
  }
  return largest;
}

/** The range of the weights of each output channel, as they are scaled. */
export function outputRanges(layer: Magnitudes, count: number, factors: ChannelFactors): Float64Array {
  return rangesAlong(layer, layer.outputs, count, factors);
}

/** The range of the weights of each input channel, as they are scaled; zeros where a layer has none that can be. */
export function inputRanges(layer: Magnitudes, count: number, factors: ChannelFactors): Float64Array {
  if (layer.inputs === null) return new Float64Array(count);
  return rangesAlong(layer, layer.inputs, count, factors);
}

function rangesAlong(
  { values, outputs, inputs }: Magnitudes,
  along: ChannelMap,
  count: number,
  factors: ChannelFactors,
): Float64Array {
  const ranges = new Float64Array(count);
  const output = new Cursor(outputs);
  const input = inputs === null ? null : new Cursor(inputs);
  const own = along === inputs ? input : output;
  for (let i = 0; i < values.length; i++) {
    let magnitude = Math.abs(values[i] as number); // in range, as are all channels below
    if (factors.inputs !== undefined && input !== null) magnitude *= factors.inputs[input.channel] as number;
    if (factors.outputs !== undefined) magnitude /= factors.outputs[output.channel] as number;
    const channel = own?.channel ?? 0;
    if (magnitude > (ranges[channel] as number)) ranges[channel] = magnitude;
    output.next();
    input?.next();
  }
  return ranges;
}

/** Goes through the channels of the elements, without a division for each. */
class Cursor {
  channel: number;
  readonly #map: ChannelMap;
  #run = 0;
  #left: number;

  constructor(map: ChannelMap) {
    this.#map = map;
    this.#left = map.inner;
    this.channel = map.channelOf[0] ?? 0;
  }

  next(): void {
    if (--this.#left > 0) return;
    this.#left = this.#map.inner;
    this.#run = this.#run + 1 === this.#map.channelOf.length ? 0 : this.#run + 1;
    this.channel = this.#map.channelOf[this.#run] ?? 0;
  }
}
