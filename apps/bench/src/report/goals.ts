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
  readonly least: Readonly<Record<NetworkGroup, number>>;
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

/** What the engine is held to, one thread, medians of one run. */
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
];

/** The goals that were measured, for one thread. Of a network that was not, there is no result. */
export function measuredGoals(timings: readonly Timing[]): readonly Goal[] {
  const single = timings.filter(({ threads }) => threads === 1);
  return goalSpecs
    .map((spec) => ({
      title: spec.title,
      results: networks.flatMap((network) => result(spec, network, single)),
    }))
    .filter(({ results }) => results.length > 0);
}

function result(spec: GoalSpec, network: Network, timings: readonly Timing[]): readonly GoalResult[] {
  const find = (engine: EngineName, type: NumberType) =>
    timings.find(
      (one) =>
        one.model === network.name && one.host === spec.host && one.engine === engine && one.type === type,
    );
  const ours = find('espalier', spec.type);
  const theirs = find(spec.over.engine, spec.over.type);
  if (ours === undefined || theirs === undefined) return [];
  const ratio = theirs.medianMs / ours.medianMs;
  const least = spec.least[network.group];
  return [{ network, least, ratio, reached: ratio >= least }];
}
