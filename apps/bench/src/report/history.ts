import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { peakFor } from '../measure/peaks.js';
import type { Machine } from './machine.js';
import type { Results } from './results.js';

const columns = [
  'engine',
  'version',
  'model',
  'host',
  'type',
  'threads',
  'median_ms',
  'least_ms',
  'gmac_per_s',
  'share_of_peak',
  'date',
] as const;
/** What names a row; another run of the same takes its place. */
const KEY_COLUMNS = 6;

/**
 * Adds a run to the history of this processor: one row for each version of an engine, network, host, type and
 * number of threads.
 *
 * @returns the file
 */
export function addToHistory(folder: string, results: Results): string {
  return addRows(folder, results.machine, historyRows(results));
}

/**
 * Adds rows to the history of a processor.
 *
 * @returns the file
 */
export function addRows(folder: string, { slug }: Machine, rows: readonly (readonly string[])[]): string {
  const file = path.join(folder, `${slug}.csv`);
  const old = existsSync(file) ? readFileSync(file, 'utf8') : '';
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, withRows(old, rows));
  return file;
}

/** The text of a CSV file with rows added, or put in place of those with the same key. */
export function withRows(text: string, rows: readonly (readonly string[])[]): string {
  const key = (cells: readonly string[]): string => cells.slice(0, KEY_COLUMNS).join(',');
  const all = new Map<string, string>();
  const old = text
    .split('\n')
    .slice(1)
    .filter((line) => line !== '');
  for (const line of old) all.set(key(line.split(',')), line);
  for (const row of rows) all.set(key(row), row.join(','));
  return [columns.join(','), ...all.values(), ''].join('\n');
}

function historyRows({ hosts, timings, date }: Results): readonly (readonly string[])[] {
  return timings.map((timing) => {
    const facts = hosts.find(({ name }) => name === timing.host);
    const peak = facts === undefined ? null : peakFor(facts, timing.type);
    return [
      timing.engine,
      facts?.engines.get(timing.engine) ?? '',
      timing.model,
      timing.host,
      timing.type,
      String(timing.threads),
      String(Number(timing.medianMs.toPrecision(4))),
      String(Number(timing.leastMs.toPrecision(4))),
      String(Number(timing.gmacPerSecond.toPrecision(4))),
      peak === null ? '' : (timing.gmacPerSecond / (peak * timing.threads)).toFixed(3),
      date,
    ];
  });
}
