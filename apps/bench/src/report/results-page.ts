import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { peakFor } from '../measure/peaks.js';
import { type Network, networks } from '../networks/networks.js';
import { measuredGoals } from './goals.js';
import { goalsTable, markdownTable } from './goals-table.js';
import { layerLines, peakLine } from './layer-lines.js';
import type { HostFacts, Results } from './results.js';
import { short } from './timing-table.js';

/**
 * Writes the page of one processor, from one whole run.
 *
 * @returns the file
 */
export function writeResultsPage(folder: string, results: Results): string {
  const file = path.join(folder, `${results.machine.slug}.md`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, resultsPage(results));
  return file;
}

export function resultsPage(results: Results): string {
  const { machine, hosts, date } = results;
  return `# Nine networks on ${machine.cpu}

Made by \`npm run -s bench -- --peers${threadsOption(results)}\` on ${date}, ${machine.cores} cores. Every engine computes the same networks with the
same seeded weights, one image at a time; its answer is compared with plain loops first. Engines take turns in slots of 100 ms
in one process or page. Times are medians in ms, with the least in brackets. GMAC/s and the share of the peak below are from the
median, and count the multiplications of the plain definition: Winograd's need fewer, so more than 100 % is possible. ONNX int8 is the faster of uint8 and int8 activations. Earlier versions are in \`${machine.slug}.csv\`.

${hosts.map(hostLine).join('\n')}

## What was to be reached

Time of the other over ours, one thread where nothing else is said. ✗ gives what was wanted in brackets.

${markdownTable(goalsTable(measuredGoals(results.timings)))}

${layerLines(results)
  .map((line) => `- ${line}`)
  .join('\n')}
${hosts.map((facts) => timesSection(facts, results)).join('')}`;
}

function threadsOption({ timings }: Results): string {
  const most = timings.reduce(
    (threads, one) => (one.engine === 'espalier' ? Math.max(threads, one.threads) : threads),
    1,
  );
  return most === 1 ? '' : ` --threads ${most}`;
}

function hostLine(facts: HostFacts): string {
  const engines = [...facts.engines].map(([engine, version]) => `${engine} ${version}`).join(', ');
  return `- ${peakLine(facts)}. Engines: ${engines}.`;
}

function timesSection(facts: HostFacts, { timings }: Results): string {
  const own = timings.filter(({ host }) => host === facts.name);
  const columns = [...new Map(own.map((one) => [`${one.engine} ${one.type} ${one.threads}`, one])).values()];
  const head = columns.map(
    ({ engine, type, threads }) => `${engine} ${type}${threads === 1 ? '' : `, ${threads} threads`}`,
  );
  const rows = networks.flatMap((network) => {
    const cells = columns.map((column) => timeCell(facts, network, column, own));
    return cells.some(Boolean) ? [[network.title, ...cells]] : [];
  });
  return `\n## ${facts.name} ${facts.version}\n\n${markdownTable([['network', ...head], ...rows])}\n`;
}

type Timings = Results['timings'];

function timeCell(facts: HostFacts, network: Network, column: Timings[number], timings: Timings): string {
  const timing = timings.find(
    ({ model, engine, type, threads }) =>
      model === network.name &&
      engine === column.engine &&
      type === column.type &&
      threads === column.threads,
  );
  if (timing === undefined) return '';
  const peak = peakFor(facts, timing.type);
  const rate = `${short(timing.gmacPerSecond)} GMAC/s`;
  const isOurs = timing.engine === 'espalier' && peak !== null;
  const share = isOurs ? `, ${((100 * timing.gmacPerSecond) / (peak * timing.threads)).toFixed(0)} %` : '';
  return `${short(timing.medianMs)} (${short(timing.leastMs)}) ${rate}${share}`;
}
