import { parseArgs } from 'node:util';
import type { HostName } from './hosts/host.js';
import type { Pace } from './measure/compete.js';
import { findNetworks, type Network } from './networks/networks.js';

export interface BenchOptions {
  readonly networks: readonly Network[];
  readonly peers: boolean;
  readonly hosts: readonly HostName[];
  readonly threads: number;
  readonly pace: Pace;
  /** Where rows go as JSON; null for nowhere. */
  readonly json: string | null;
  /** The folder of the CSV file and the page of results; null for none. */
  readonly csv: string | null;
}

export const usage = `npm run -s bench -- [networks] [options]

  networks            names, or how they start; all nine where left out
  --peers             time onnxruntime-web, LiteRT and onnxruntime-node too
  --host HOST         node, chromium or both (default); --node and --chromium are short for it
  --threads N         threads of every engine that has them (1)
  --quick             a fifth of the time, and no CSV: for a look after a change
  --json FILE         write { model, host, engine, type, threads, medianMs, gmacPerSecond } rows
  --csv DIR|no        where results are added (docs/results/bench; "no" with --quick or names)
`;

const paces = {
  full: { rounds: 7, slotMs: 100, warmUpMs: 250 },
  quick: { rounds: 3, slotMs: 50, warmUpMs: 120 },
} as const;

/**
 * @throws {RangeError} for an option or a network that does not exist
 */
export function readCommandLine(args: readonly string[], resultsFolder: string): BenchOptions | 'help' {
  const { values, positionals } = parse(args);
  if (values.help) return 'help';
  const threads = Number(values.threads);
  if (!Number.isInteger(threads) || threads < 1) {
    throw new RangeError(`--threads is ${values.threads}; a whole number from 1 is wanted.`);
  }
  const isWhole = positionals.length === 0 && !values.quick;
  const csv = values.csv ?? (isWhole ? resultsFolder : 'no');
  return {
    networks: findNetworks(positionals),
    peers: values.peers,
    hosts: hostsOf(values.node ? 'node' : values.chromium ? 'chromium' : values.host),
    threads,
    pace: values.quick ? paces.quick : paces.full,
    json: values.json ?? null,
    csv: csv === 'no' ? null : csv,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        peers: { type: 'boolean', default: false },
        host: { type: 'string', default: 'both' },
        node: { type: 'boolean', default: false },
        chromium: { type: 'boolean', default: false },
        threads: { type: 'string', default: '1' },
        quick: { type: 'boolean', default: false },
        json: { type: 'string' },
        csv: { type: 'string' },
        help: { type: 'boolean', default: false, short: 'h' },
      },
    });
  } catch (error) {
    throw new RangeError(error instanceof Error ? error.message : String(error));
  }
}

function hostsOf(name: string): readonly HostName[] {
  if (name === 'both') return ['node', 'chromium'];
  if (name === 'node' || name === 'chromium') return [name];
  throw new RangeError(`--host is "${name}"; there are node, chromium and both.`);
}
