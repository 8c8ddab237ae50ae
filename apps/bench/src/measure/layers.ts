import { InternalError } from '@espalier/core';
import type { Host, HostName } from '../hosts/host.js';
import type { LayerModel } from '../models/layer-models.js';
import { isRight } from './answers.js';
import type { Pace } from './compete.js';
import type { NumberType } from './contestants.js';
import { peakFor } from './peaks.js';
import { median } from './statistics.js';

/** What our kernel took for one layer. */
export interface LayerTiming {
  readonly layer: string;
  readonly host: HostName;
  readonly type: NumberType;
  readonly density: number;
  readonly ms: number;
  /** Of all weights, kept or not. */
  readonly gmacPerSecond: number;
  /** Of what the machine can do at most, measured beside it; null where that is not known. */
  readonly shareOfPeak: number | null;
}

interface Sample {
  readonly ms: number;
  readonly share: number | null;
}

/** Enough runs in a mean for clocks that tick every 5 microseconds. */
const RUNS = 8;

/** Times single layers in turns, by the session's own profile: without what surrounds a kernel in a run. */
export async function timeLayers(
  host: Host,
  layers: readonly LayerModel[],
  { rounds, warmUpMs }: Pace,
  peakFiles: readonly string[],
): Promise<readonly LayerTiming[]> {
  const idOf = ({ name, type, density }: LayerModel): string => `${name}/${type}/${density}`;
  for (const layer of layers) {
    const [id, input] = [idOf(layer), `${idOf(layer)}.input`];
    host.offer(id, layer.file);
    host.offer(input, new Uint8Array(layer.input.buffer));
    const answer = await host.load({
      id,
      engine: 'espalier',
      file: id,
      input,
      dims: layer.dims,
      grids: null,
    });
    if (!isRight(layer.reference, answer, layer.type))
      throw new InternalError({ what: `A wrong answer: ${id}.` });
    await host.warmUp(id, warmUpMs);
  }
  const samples = new Map<LayerModel, Sample[]>();
  for (let round = 0; round < rounds; round++) {
    // In turns too: a busy moment takes from the peak as from the layer.
    const limits = await host.limits(peakFiles, 1);
    for (const layer of layers) {
      const ms = await host.productMs(idOf(layer), 3, RUNS);
      const peak = peakFor(limits, layer.type);
      const share = peak === null ? null : layer.macs / ms / 1e6 / peak;
      samples.set(layer, [...(samples.get(layer) ?? []), { ms, share }]);
    }
  }
  for (const layer of layers) await host.release(idOf(layer));
  return layers.map((layer) => layerTiming(host.name, layer, samples.get(layer) ?? []));
}

function layerTiming(host: HostName, layer: LayerModel, samples: readonly Sample[]): LayerTiming {
  const { name, type, density, macs } = layer;
  const ms = median(samples.map((sample) => sample.ms));
  const shares = samples.flatMap(({ share }) => share ?? []);
  const shareOfPeak = shares.length === 0 ? null : median(shares);
  return { layer: name, host, type, density, ms, gmacPerSecond: macs / ms / 1e6, shareOfPeak };
}
