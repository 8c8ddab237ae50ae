import type { EngineName } from '../engines/engine.js';
import type { HostName } from '../hosts/host.js';
import type { Timing } from '../measure/compete.js';
import type { LayerTiming } from '../measure/layers.js';
import type { LoadTime } from '../measure/load-time.js';
import type { Limits } from '../measure/peaks.js';
import type { Machine } from './machine.js';

/** What is known of a host after a run. */
export interface HostFacts extends Limits {
  readonly name: HostName;
  readonly version: string;
  readonly engines: ReadonlyMap<EngineName, string>;
}

/** All that one run of the benchmark found out. */
export interface Results {
  readonly machine: Machine;
  readonly date: string;
  readonly hosts: readonly HostFacts[];
  readonly timings: readonly Timing[];
  readonly layers: readonly LayerTiming[];
  /** Of MobileNetV1 int8, where it was measured. */
  readonly load: LoadTime | null;
}

/** Rows as `--json` writes them. */
export function jsonRows(timings: readonly Timing[]): readonly object[] {
  return timings.map(({ model, host, engine, type, threads, medianMs, gmacPerSecond }) => ({
    model,
    host,
    engine,
    type,
    threads,
    medianMs,
    gmacPerSecond,
  }));
}
