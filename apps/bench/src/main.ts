import { writeFileSync } from 'node:fs';
import { type BenchOptions, readCommandLine, usage } from './command-line.js';
import { chromiumHost } from './hosts/chromium.js';
import type { Host, HostName, HostOptions } from './hosts/host.js';
import { nodeHost } from './hosts/node.js';
import { bestOf, compete, type Timing } from './measure/compete.js';
import { makeModelSet } from './models/model-set.js';
import { timingTable } from './report/timing-table.js';

function say(line: string): void {
  console.log(line);
}

/** Where the benchmark finds its own sources, and where results belong. */
export interface Places {
  readonly pageEntry: string;
  readonly results: string;
}

async function openHost(name: HostName, pageEntry: string, options: HostOptions): Promise<Host | null> {
  return name === 'node' ? nodeHost(options) : chromiumHost(pageEntry, options);
}

async function openHosts(
  { hosts, threads, peers }: BenchOptions,
  { pageEntry }: Places,
): Promise<readonly Host[]> {
  const opened: Host[] = [];
  for (const name of hosts) {
    const host = await openHost(name, pageEntry, { threads, peers, say });
    if (host !== null) opened.push(host);
  }
  return opened;
}

async function bench(options: BenchOptions, places: Places): Promise<void> {
  const hosts = await openHosts(options, places);
  const timings: Timing[] = [];
  try {
    for (const network of options.networks) {
      const set = await makeModelSet(network);
      for (const host of hosts) {
        const found = bestOf(await compete(host, set, options.threads, options.pace, say));
        timings.push(...found);
        say(`\n${network.title}, ${(set.macs / 1e6).toFixed(2)} MMAC, ${host.name} ${host.version}`);
        for (const line of timingTable(found)) say(`  ${line}`);
      }
    }
  } finally {
    for (const host of hosts) await host.close();
  }
  if (options.json !== null) writeFileSync(options.json, `${JSON.stringify(timings, null, 1)}\n`);
}

/** Runs the benchmark; the exit code is 1 for a command line that can't be read. */
export async function main(args: readonly string[], places: Places): Promise<void> {
  let options: BenchOptions | 'help';
  try {
    options = readCommandLine(args, places.results);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    console.error(`${error.message}\n\n${usage}`);
    process.exitCode = 1;
    return;
  }
  if (options === 'help') console.log(usage);
  else await bench(options, places);
}
