import { writeFileSync } from 'node:fs';
import { type BenchOptions, readCommandLine, usage } from './command-line.js';
import { chromiumHost } from './hosts/chromium.js';
import type { Host, HostName, HostOptions } from './hosts/host.js';
import { nodeHost } from './hosts/node.js';
import { bestOf, compete, type Timing } from './measure/compete.js';
import { type LayerTiming, timeLayers } from './measure/layers.js';
import { type LoadTime, measureLoadTime } from './measure/load-time.js';
import { makeLayerModels } from './models/layer-models.js';
import { folderCache } from './models/model-cache.js';
import { type ModelSet, makeModelSet } from './models/model-set.js';
import { measuredGoals } from './report/goals.js';
import { goalLines } from './report/goals-table.js';
import { addToHistory } from './report/history.js';
import { layerLines, peakLine } from './report/layer-lines.js';
import { thisMachine } from './report/machine.js';
import { type HostFacts, jsonRows, type Results } from './report/results.js';
import { writeResultsPage } from './report/results-page.js';
import { threadLines, timingTable } from './report/timing-table.js';
import { benchTraining, readTrainingOptions, trainingUsage } from './training/command.js';

/** What whoever starts the benchmark knows and it can't: where things are, and what was built. */
export interface Surroundings {
  /** Of the page's agent, to be bundled. */
  readonly pageEntry: string;
  /** Of the process that loads a model once, built. */
  readonly firstResultEntry: string;
  /** The folder of committed results. */
  readonly results: string;
  /** Espalier's version, with the commit. */
  readonly version: string;
  /** Where models are kept from one run to the next: another folder for other sources. */
  readonly cache: string;
  /** Binaries of packages/kernels/bench: loops that show the machine's peak. */
  readonly peaks: ReadonlyMap<string, Uint8Array>;
}

function say(line: string): void {
  console.log(line);
}

async function openHosts(
  { hosts, peerThreads, peers }: BenchOptions,
  { pageEntry, version }: Surroundings,
): Promise<readonly Host[]> {
  const options: HostOptions = { peerThreads, peers, version, say };
  const open = async (name: HostName): Promise<Host | null> =>
    name === 'node' ? nodeHost(options) : chromiumHost(pageEntry, options);
  const opened: Host[] = [];
  for (const name of hosts) {
    const host = await open(name);
    if (host !== null) opened.push(host);
  }
  return opened;
}

async function learn(host: Host, peaks: Surroundings['peaks']): Promise<HostFacts> {
  for (const [file, bytes] of peaks) host.offer(file, bytes);
  const { name, version, engines } = host;
  const facts = { name, version, engines, ...(await host.limits([...peaks.keys()], 5)) };
  say(peakLine(facts));
  return facts;
}

/** Times one network on one host, and prints it. */
async function time(
  host: Host,
  facts: HostFacts,
  set: ModelSet,
  options: BenchOptions,
): Promise<readonly Timing[]> {
  const timings = bestOf(await compete(host, set, options, options.pace, say));
  say(`\n${set.network.title}, ${(set.macs / 1e6).toFixed(2)} MMAC, ${host.name}`);
  for (const line of [...timingTable(timings, facts), ...threadLines(timings)]) say(`  ${line}`);
  return timings;
}

async function measure(options: BenchOptions, surroundings: Surroundings): Promise<Results> {
  const hosts = await openHosts(options, surroundings);
  try {
    const facts: HostFacts[] = [];
    for (const host of hosts) facts.push(await learn(host, surroundings.peaks));
    const timings: Timing[] = [];
    let load: LoadTime | null = null;
    for (const network of options.networks) {
      const set = await makeModelSet(network, folderCache(surroundings.cache));
      for (const [index, host] of hosts.entries()) {
        const known = facts[index];
        if (known !== undefined) timings.push(...(await time(host, known, set, options)));
      }
      if (network.name === 'mobilenet-v1' && options.hosts.includes('node')) {
        load = measureLoadTime(surroundings.firstResultEntry, set);
      }
    }
    const layers: LayerTiming[] = [];
    const models = options.layers ? await makeLayerModels() : [];
    for (const host of hosts)
      layers.push(...(await timeLayers(host, models, options.pace, [...surroundings.peaks.keys()])));
    const date = new Date().toISOString().slice(0, 10);
    return { machine: thisMachine(), date, hosts: facts, timings, layers, load };
  } finally {
    for (const host of hosts) await host.close();
  }
}

function report(results: Results, options: BenchOptions): void {
  const lines = [...layerLines(results), ...goalLines(measuredGoals(results.timings))];
  say(`\n${lines.join('\n')}`);
  if (options.json !== null) {
    writeFileSync(options.json, `${JSON.stringify(jsonRows(results.timings), null, 2)}\n`);
  }
  if (options.csv === null) return;
  say(`Added to ${addToHistory(options.csv, results)}`);
  if (options.whole) say(`Written: ${writeResultsPage(options.csv, results)}`);
}

/** Runs the benchmark; the exit code is 1 for a command line that can't be read. */
export async function main(args: readonly string[], surroundings: Surroundings): Promise<void> {
  const { results, version } = surroundings;
  if (args[0] === 'training') {
    const options = understood(() => readTrainingOptions(args.slice(1), results), trainingUsage);
    if (options !== null) await benchTraining(options, version);
    return;
  }
  const options = understood(() => readCommandLine(args, results), usage);
  if (options !== null) report(await measure(options, surroundings), options);
}

/** The options of a command line; null where it asks for help, or can't be read, which is said. */
function understood<T extends object>(read: () => T | 'help', help: string): T | null {
  try {
    const options = read();
    if (options !== 'help') return options;
    console.log(help);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    console.error(`${error.message}\n\n${help}`);
    process.exitCode = 1;
  }
  return null;
}
