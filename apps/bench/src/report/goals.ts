import type { EngineName } from '../engines/engine.js';
import type { HostName } from '../hosts/host.js';
import type { Timing } from '../measure/compete.js';
import type { NumberType } from '../measure/contestants.js';
import { type Network, type NetworkGroup, networks } from '../networks/networks.js';

/** One ratio that is to be reached: the time of `over` divided by that of our `type`. */
interface GoalSpec {
  readonly title: string;
  readonly host: HostName;
  readonly type: NumberType;
  readonly over: { readonly engine: EngineName; readonly type: NumberType };
  /** Threads that ours runs on, the other on one; absent: 1. */
  readonly threads?: number;
  /** Nothing is wanted of a group that is left out. */
  readonly least: Readonly<Partial<Record<NetworkGroup, number>>>;
}

/** How much of a goal a network reaches. */
export interface GoalResult {
  readonly network: Network;
  readonly least: number;
  readonly ratio: number;
  readonly reached: boolean;
}

export interface Goal {
  readonly title: string;
  readonly results: readonly GoalResult[];
}

const litertInt8 = { large: 1.3, small: 1.2, lenet: 1.2 };
const litertFloat32 = { large: 1.15, small: 1.15, lenet: 1.2 };
const int8 = (engine: EngineName) => ({ engine, type: 'int8' }) as const;
const float32 = (engine: EngineName) => ({ engine, type: 'float32' }) as const;

/** What the engine is held to, one thread where no other number is given, medians of one run. */
const goalSpecs: readonly GoalSpec[] = [
  {
    title: 'Node, int8 over LiteRT compat int8',
    host: 'node',
    type: 'int8',
    over: int8('litert-compat'),
    least: litertInt8,
  },
  {
    title: 'Chromium, int8 over LiteRT int8',
    host: 'chromium',
    type: 'int8',
    over: int8('litert'),
    least: { ...litertInt8, lenet: 1.1 },
  },
  {
    title: 'Node, int8 over onnxruntime-web int8',
    host: 'node',
    type: 'int8',
    over: int8('onnxruntime-web'),
    least: { large: 2.5, small: 5, lenet: 5 },
  },
  {
    title: 'Chromium, int8 over onnxruntime-web int8',
    host: 'chromium',
    type: 'int8',
    over: int8('onnxruntime-web'),
    least: { large: 4, small: 5, lenet: 5 },
  },
  {
    title: 'Node, float32 over LiteRT compat float32',
    host: 'node',
    type: 'float32',
    over: float32('litert-compat'),
    least: litertFloat32,
  },
  {
    title: 'Chromium, float32 over LiteRT float32',
    host: 'chromium',
    type: 'float32',
    over: float32('litert'),
    least: litertFloat32,
  },
  {
    title: 'Node, our int8 over our float32',
    host: 'node',
    type: 'int8',
    over: float32('espalier'),
    least: { large: 1.7, small: 1.5, lenet: 1.3 },
  },
  {
    title: 'Chromium, our int8 over our float32',
    host: 'chromium',
    type: 'int8',
    over: float32('espalier'),
    least: { large: 3.5, small: 2.5, lenet: 2 },
  },
  ...(['node', 'chromium'] as const).flatMap((host) =>
    (['int8', 'float32'] as const).map(twoThreads.bind(null, host)),
  ),
];

function twoThreads(host: HostName, type: NumberType): GoalSpec {
  const title = `${host === 'node' ? 'Node' : 'Chromium'}, ${type}, one thread over two`;
  return {
    title,
    host,
    type,
    over: { engine: 'espalier', type },
    threads: 2,
    least: { large: 1.8 },
  };
}

/** The goals that were measured. Of a network that was not, there is no result. */
export function measuredGoals(timings: readonly Timing[]): readonly Goal[] {
  return goalSpecs
    .map((spec) => ({
      title: spec.title,
      results: networks.flatMap((network) => result(spec, network, timings)),
    }))
    .filter(({ results }) => results.length > 0);
}

function result(spec: GoalSpec, network: Network, timings: readonly Timing[]): readonly GoalResult[] {
  const own = timings.filter((one) => one.model === network.name && one.host === spec.host);
  const find = (engine: EngineName, type: NumberType, threads: number) =>
    own.find((one) => one.engine === engine && one.type === type && one.threads === threads);
  const ours = find('espalier', spec.type, spec.threads ?? 1);
  const theirs = find(spec.over.engine, spec.over.type, 1);
  const least = spec.least[network.group];
  if (ours === undefined || theirs === undefined || least === undefined) return [];
  const ratio = theirs.medianMs / ours.medianMs;
  return [{ network, least, ratio, reached: ratio >= least }];
}
