import type { HostName } from './hosts/host.js';
import type { Pace } from './measure/compete.js';
import { findNetworks, type Network } from './networks/networks.js';
import { countOf, parseOptions } from './parse-options.js';

export interface BenchOptions {
  readonly networks: readonly Network[];
  /** Single layers too: products against the machine's peak, pruned ones against dense ones. */
  readonly layers: boolean;
  readonly peers: boolean;
  readonly hosts: readonly HostName[];
  /** Threads that ours runs on beside one; 1 for one alone. */
  readonly threads: number;
  /** Of the other engines. */
  readonly peerThreads: number;
  readonly pace: Pace;
  /** Everything on every host against every peer: what a page of results is made of. */
  readonly whole: boolean;
  /** Where rows go as JSON; null for nowhere. */
  readonly json: string | null;
  /** The folder of the CSV file and the page of results; null for none. */
  readonly csv: string | null;
}

export const usage = `npm run -s bench -- [networks] [options]
npm run -s bench -- training --help   for steps of training

  networks            names, or how they start, or "layers"; all of it where left out
  --peers             time onnxruntime-web, LiteRT and onnxruntime-node too
  --host HOST         node, chromium or both (default); --node and --chromium are short for it
  --threads N         time ours on N threads as well, and say how much faster that is
  --peer-threads N    threads of the other engines (1)
  --quick             less than half of the time: for a look after a change
  --json FILE         write { model, host, engine, type, threads, medianMs, gmacPerSecond } rows
  --csv DIR|no        where results are added: docs/results/bench for a whole run with --peers, else "no"
`;

/** Stands for the single layers among the names of networks. */
const LAYERS = 'layers';

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
  const words = positionals.filter((word) => word !== LAYERS);
  const hosts = hostsOf(values.node ? 'node' : values.chromium ? 'chromium' : values.host);
  const whole = positionals.length === 0 && !values.quick && values.peers && hosts.length === 2;
  const csv = values.csv ?? (whole ? resultsFolder : 'no');
  return {
    networks: words.length === 0 && positionals.length > 0 ? [] : findNetworks(words),
    layers: positionals.length === 0 || words.length < positionals.length,
    peers: values.peers,
    hosts,
    threads: countOf('threads', values.threads),
    peerThreads: countOf('peer-threads', values['peer-threads']),
    pace: values.quick ? paces.quick : paces.full,
    whole,
    json: values.json ?? null,
    csv: csv === 'no' ? null : csv,
  };
}

function parse(args: readonly string[]) {
  return parseOptions(args, {
    peers: { type: 'boolean', default: false },
    host: { type: 'string', default: 'both' },
    node: { type: 'boolean', default: false },
    chromium: { type: 'boolean', default: false },
    threads: { type: 'string', default: '1' },
    'peer-threads': { type: 'string', default: '1' },
    quick: { type: 'boolean', default: false },
    json: { type: 'string' },
    csv: { type: 'string' },
    help: { type: 'boolean', default: false, short: 'h' },
  });
}

function hostsOf(name: string): readonly HostName[] {
  if (name === 'both') return ['node', 'chromium'];
  if (name === 'node' || name === 'chromium') return [name];
  throw new RangeError(`--host is "${name}"; there are node, chromium and both.`);
}
