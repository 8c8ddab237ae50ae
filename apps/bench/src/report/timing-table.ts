import type { Timing } from '../measure/compete.js';
import { peakFor } from '../measure/peaks.js';
import type { HostFacts } from './results.js';

const headings = [
  'engine',
  'type',
  'ms',
  'least',
  'GMAC/s',
  'of peak',
  'peer / ours',
  'least / least',
] as const;

/** Three significant digits. */
export function short(value: number): string {
  if (!Number.isFinite(value)) return '-';
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}

/** The timings of one network on one host as lines of text. */
export function timingTable(timings: readonly Timing[], facts: HostFacts): readonly string[] {
  const rows = timings.map((timing) => {
    const base = ours(timings, timing.type, timing.threads);
    const peak = peakFor(facts, timing.type);
    const isPeer = timing.engine !== 'espalier' && base !== undefined;
    const variant = timing.file.startsWith('uint8') ? ' (u8)' : timing.file === 'int8.onnx' ? ' (s8)' : '';
    return [
      timing.engine + (timing.threads === 1 ? '' : `, ${timing.threads} threads`),
      timing.type + variant,
      short(timing.medianMs),
      short(timing.leastMs),
      short(timing.gmacPerSecond),
      peak === null ? '' : `${((100 * timing.gmacPerSecond) / (peak * timing.threads)).toFixed(0)} %`,
      isPeer ? `${short(timing.medianMs / base.medianMs)}x` : '',
      isPeer ? `${short(timing.leastMs / base.leastMs)}x` : '',
    ];
  });
  return alignColumns([headings, ...rows]);
}

function ours(timings: readonly Timing[], type: string, threads: number): Timing | undefined {
  return timings.find((one) => one.engine === 'espalier' && one.type === type && one.threads === threads);
}

/** How much faster ours is on several threads than on one, where it was timed on both. */
export function threadLines(timings: readonly Timing[]): readonly string[] {
  return timings.flatMap(({ engine, type, threads, medianMs, leastMs }) => {
    const single = ours(timings, type, 1);
    if (engine !== 'espalier' || threads === 1 || single === undefined) return [];
    const ratio = short(single.medianMs / medianMs);
    return [
      `${type} on ${threads} threads: ${ratio} times as fast as on one, by least times ${short(single.leastMs / leastMs)}`,
    ];
  });
}

/** Text columns left, numbers right. */
export function alignColumns(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) =>
        column < 2 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd(),
  );
}
