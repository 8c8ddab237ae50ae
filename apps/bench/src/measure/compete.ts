import type { EngineName } from '../engines/engine.js';
import type { Host, HostName } from '../hosts/host.js';
import type { FileName, ModelSet } from '../models/model-set.js';
import { isRight, leastSqnrDb } from './answers.js';
import { type Contestant, contestants, type NumberType, type ThreadCounts } from './contestants.js';
import { median, sqnr } from './statistics.js';

/** How long engines take turns. */
export interface Pace {
  readonly rounds: number;
  readonly slotMs: number;
  readonly warmUpMs: number;
}

/** What one engine took for one run of one network. */
export interface Timing {
  readonly model: string;
  readonly host: HostName;
  readonly engine: EngineName;
  readonly type: NumberType;
  readonly threads: number;
  /** Of an ONNX int8 model, the type of activations that was faster. */
  readonly file: FileName;
  readonly medianMs: number;
  readonly leastMs: number;
  readonly gmacPerSecond: number;
  /** Of the answer, against plain loops in float64. */
  readonly sqnrDb: number;
}

/** Times one network on all engines of a host, in turns. Who gives a wrong answer, or none, is left out. */
export async function compete(
  host: Host,
  set: ModelSet,
  threads: ThreadCounts,
  pace: Pace,
  say: (line: string) => void,
): Promise<readonly Timing[]> {
  const running: {
    readonly id: string;
    readonly contestant: Contestant;
    readonly sqnrDb: number;
    readonly samples: number[];
  }[] = [];
  for (const contestant of contestants(host.engines.keys(), threads)) {
    const id = `${set.network.name}/${contestant.engine}/${contestant.file}/${contestant.threads}`;
    const outcome = await admit(host, set, contestant, id);
    if (typeof outcome === 'string')
      say(`${set.network.title}, ${contestant.engine} ${contestant.file}: ${outcome}`);
    else running.push({ id, contestant, sqnrDb: outcome, samples: [] });
  }
  for (const { id } of running) await host.warmUp(id, pace.warmUpMs);
  for (let round = 0; round < pace.rounds; round++) {
    for (const { id, samples } of running) samples.push(...(await host.time(id, pace.slotMs)));
  }
  for (const { id } of running) await host.release(id);
  return running.map(({ contestant, sqnrDb, samples }) => {
    const medianMs = median(samples);
    return {
      model: set.network.name,
      host: host.name,
      ...contestant,
      medianMs,
      leastMs: Math.min(...samples),
      gmacPerSecond: set.macs / medianMs / 1e6,
      sqnrDb,
    };
  });
}

/** Loads a model and compares its answer: its SQNR, or why it is not timed. */
async function admit(
  host: Host,
  set: ModelSet,
  contestant: Contestant,
  id: string,
): Promise<number | string> {
  const { network, dims, input } = set;
  const [file, inputFile] = [`${network.name}.${contestant.file}`, `${network.name}.input`];
  host.offer(file, set.files[contestant.file]);
  host.offer(inputFile, new Uint8Array(input.buffer));
  const grids = contestant.type === 'int8' ? set.grids : null;
  let answer: readonly number[];
  try {
    const { engine, threads } = contestant;
    answer = await host.load({
      id,
      engine,
      file,
      input: inputFile,
      dims,
      grids,
      threads,
    });
  } catch (error) {
    return `not timed: ${error instanceof Error ? error.message : String(error)}`;
  }
  const quality = sqnr(set.reference, answer);
  if (isRight(set.reference, answer, contestant.type)) return quality;
  await host.release(id);
  return `not timed: its answer is at ${quality.toFixed(1)} dB of the reference, ${leastSqnrDb[contestant.type]} are wanted`;
}

/** The faster of several files that an engine was given for the same network and type. */
export function bestOf(timings: readonly Timing[]): readonly Timing[] {
  const best = new Map<string, Timing>();
  for (const timing of timings) {
    const key = [timing.model, timing.host, timing.engine, timing.type, timing.threads].join('/');
    const known = best.get(key);
    if (known === undefined || timing.medianMs < known.medianMs) best.set(key, timing);
  }
  return [...best.values()];
}
