import type { Host, HostName } from '../hosts/host.js';
import type { LayerModel } from '../models/layer-models.js';
import type { Pace } from './compete.js';
import type { NumberType } from './contestants.js';
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
}

/** Enough runs in a mean for clocks that tick every 5 microseconds. */
const RUNS = 8;

/** Times single layers in turns, by the session's own profile: without what surrounds a kernel in a run. */
export async function timeLayers(
  host: Host,
  layers: readonly LayerModel[],
  { rounds, warmUpMs }: Pace,
): Promise<readonly LayerTiming[]> {
  const idOf = ({ name, type, density }: LayerModel): string => `${name}/${type}/${density}`;
  for (const layer of layers) {
    const [id, input] = [idOf(layer), `${idOf(layer)}.input`];
    host.offer(id, layer.file);
    host.offer(input, new Uint8Array(layer.input.buffer));
    await host.load({ id, engine: 'espalier', file: id, input, dims: layer.dims, grids: null });
    await host.warmUp(id, warmUpMs);
  }
  const samples = new Map<LayerModel, number[]>();
  for (let round = 0; round < rounds; round++) {
    for (const layer of layers) {
      const ms = await host.productMs(idOf(layer), 3, RUNS);
      samples.set(layer, [...(samples.get(layer) ?? []), ms]);
    }
  }
  for (const layer of layers) await host.release(idOf(layer));
  return layers.map((layer) => {
    const ms = median(samples.get(layer) ?? []);
    const { name, type, density, macs } = layer;
    return { layer: name, host: host.name, type, density, ms, gmacPerSecond: macs / ms / 1e6 };
  });
}
