import type { EngineName } from '../engines/engine.js';
import type { HostName } from '../hosts/host.js';
import type { Timing } from '../measure/compete.js';
import type { NumberType } from '../measure/contestants.js';
import type { LayerTiming } from '../measure/layers.js';
import type { LoadTime } from '../measure/load-time.js';
import type { Peaks } from '../measure/peaks.js';
import type { Machine } from './machine.js';

/** What is known of a host after a run. */
export interface HostFacts {
  readonly name: HostName;
  readonly version: string;
  readonly engines: ReadonlyMap<EngineName, string>;
  readonly peaks: Peaks;
  /** The binary of our kernels that runs there. */
  readonly binary: string;
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

/** The peak of the instructions that our kernels multiply and add with: bytes by the relaxed dot where it is exact. */
export function peakFor(facts: HostFacts | undefined, type: NumberType): number | null {
  if (facts === undefined) return null;
  const { peaks, binary } = facts;
  if (type === 'float32') return peaks.f32;
  return binary === 'relaxed' ? peaks.relaxedDot : peaks.dot16;
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
