import { KERNEL, resolveAll } from '@espalier/core';
import { InferenceSession, type NodeProfile } from '@espalier/runtime';
import type { Command } from 'commander';
import { breathe } from '../evaluate.js';
import { withShapes } from '../layers.js';
import { readModelFile } from '../model-file.js';
import { formatBytes, formatCount, formatDims, formatShort } from '../output/format.js';
import { formatTable } from '../output/table.js';
import { compressorFor } from '../plugins.js';
import { seededFeeds } from '../seeded-feeds.js';
import type { Session } from '../session.js';
import type { Run } from './command.js';
import { wholeNumber } from './data-options.js';
import { type InputSize, inputSize, sizesByInput } from './input-sizes.js';

interface BenchFlags {
  readonly runs?: number;
  readonly shape?: readonly InputSize[];
  readonly sort?: boolean;
  readonly fastMath?: boolean;
}

/** What one run took, over some runs. */
interface RunTimes {
  readonly runs: number;
  readonly medianMs: number;
  readonly leastMs: number;
}

/** `espalier bench FILE` */
export function addBench(program: Command, run: Run): void {
  program
    .command('bench')
    .summary('time a model on seeded inputs, node by node')
    .description(
      'Runs a model on seeded inputs and prints the time and GMAC/s (10^9 multiply-accumulates a second) of a run and of each node.',
    )
    .argument('<file>', 'model file, of any format')
    .option('--runs <count>', 'runs that are timed; as many as fill a second where left out', wholeNumber)
    .option('--shape <[input=]dims>', 'size of an input where it is open, like 1x3x640x640', inputSize)
    .option('--sort', 'the slowest node first, not in the order they run')
    .option('--fast-math', 'float32 products may round as the machine likes, where it has relaxed SIMD')
    .action(run<BenchFlags>((session, [file = ''], flags) => bench(session, file, flags)));
}

async function bench(session: Session, path: string, flags: BenchFlags): Promise<void> {
  const compressor = await compressorFor(session);
  const file = await readModelFile(compressor, path);
  const model = withShapes(file.model, sizesByInput(file.model, flags.shape));
  const feeds = seededFeeds(model);
  session.progress.step(`bench ${file.name}`);
  const inference = await InferenceSession.create(file.model, {
    fastMath: flags.fastMath ?? false,
    operatorKernels: resolveAll(compressor.container, KERNEL),
  });
  const times = await timeRuns(session, () => inference.run(feeds), flags.runs ?? null);
  const profile = await inference.profile(feeds, { runs: times.runs });
  await inference.release();
  const { binary, macs, inputMs, outputMs, arenaBytes } = profile;
  const nodes = profile.nodes.map((node) => ({ ...node, share: node.ms / profile.ms }));
  if (flags.sort) nodes.sort((a, b) => b.ms - a.ms);
  const report = {
    file: file.path,
    format: file.format,
    inputs: Object.entries(feeds).map(([name, { type, dims }]) => ({ name, type, dims })),
    kernels: binary,
    ...times,
    macs,
    gmacPerSecond: macs === 0 ? null : rate(macs, times.medianMs),
    arenaBytes,
    inputMs,
    outputMs,
    nodes,
  };
  session.print(report, () =>
    [
      ...report.inputs.map(({ name, type, dims }) => `input   ${name}: ${type}[${formatDims(dims)}]\n`),
      `run     median ${formatMs(times.medianMs)}, least ${formatMs(times.leastMs)} of ${formatCount(times.runs)}; `,
      macs === 0 ? '' : `${formatShort(macs)} MACs, ${rate(macs, times.medianMs).toPrecision(3)} GMAC/s; `,
      `${formatBytes(arenaBytes)} for activations; kernels "${binary}"\n\n`,
      nodeTable(nodes, profile.ms, session.width),
      `inputs ${formatMs(inputMs)}, outputs ${formatMs(outputMs)}; nodes are means of as many runs with a clock between them\n`,
    ].join(''),
  );
}

/** A run is timed by itself: the first ones, in which kernels are compiled, are not counted. */
async function timeRuns(
  session: Session,
  once: () => Promise<unknown>,
  wanted: number | null,
): Promise<RunTimes> {
  const times: number[] = [];
  for (let i = 0; i < WARM_UP_RUNS; i++) await once();
  const started = performance.now();
  const isDone = (): boolean =>
    wanted === null
      ? times.length >= LEAST_RUNS && performance.now() - started >= TIMED_MS
      : times.length >= wanted;
  for (let breathed = started; !isDone(); ) {
    const before = performance.now();
    await once();
    const now = performance.now();
    times.push(now - before);
    if (now - breathed < BREATH_MS) continue;
    session.assertNotAborted();
    await breathe();
    breathed = performance.now();
  }
  const sorted = times.sort((a, b) => a - b);
  return { runs: sorted.length, medianMs: sorted[sorted.length >> 1] ?? 0, leastMs: sorted[0] ?? 0 };
}

const WARM_UP_RUNS = 5;
const LEAST_RUNS = 11;
const TIMED_MS = 1000;
/** How long a signal may have to wait. */
const BREATH_MS = 50;

function nodeTable(
  nodes: readonly (NodeProfile & { readonly share: number })[],
  totalMs: number,
  width: number,
): string {
  const right = { align: 'right' as const };
  const columns = [
    { title: 'node', flexible: true },
    { title: 'operator' },
    { title: 'computed by' },
    { title: 'ms', ...right },
    { title: 'share', ...right },
    { title: 'MACs', ...right },
    { title: 'GMAC/s', ...right },
  ];
  const rows = nodes.map(({ node, op, fused, implementation, kernels, ms, share, macs, gmacPerSecond }) => [
    fused === null ? node : `${node} + ${fused}`,
    op,
    kernels.length === 0 ? implementation : kernels.join(' '),
    ms.toFixed(4),
    totalMs === 0 ? '' : `${(100 * share).toFixed(1)} %`,
    macs === 0 ? '' : formatShort(macs),
    gmacPerSecond === null ? '' : gmacPerSecond.toPrecision(3),
  ]);
  return formatTable(columns, rows, width);
}

function rate(macs: number, ms: number): number {
  return macs / ms / 1e6;
}

function formatMs(ms: number): string {
  return `${ms < 1 ? ms.toPrecision(3) : ms.toPrecision(4)} ms`;
}
