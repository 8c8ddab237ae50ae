import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { markdownTable } from '../report/goals-table.js';
import type { Machine } from '../report/machine.js';
import { alignColumns, short } from '../report/timing-table.js';
import { MOST_LOSS_DIFFERENCE, type StepTiming } from './compete-in-steps.js';
import { BATCH_SIZE, type Rule, rules } from './task.js';

/** All that one run found out. */
export interface StepResults {
  readonly machine: Machine;
  readonly date: string;
  /** Node's version. */
  readonly node: string;
  readonly timings: readonly StepTiming[];
}

const headings = [
  'engine',
  'optimizer',
  'ms a step',
  'least',
  'GMAC/s',
  'other / ours',
  'losses off by',
  'MB',
];

/** The timings of one task as lines of text. */
export function stepTable(timings: readonly StepTiming[]): readonly string[] {
  const [first] = timings;
  if (first === undefined) return [];
  const { network, rule } = first.task;
  const rows = timings.map((timing) => {
    const [engine = '', ...cells] = rowOf(timing, timings);
    return [engine, rule.name, ...cells];
  });
  return ['', `${network.title}, a step on ${BATCH_SIZE} samples`, ...alignColumns([headings, ...rows])];
}

function rowOf(timing: StepTiming, all: readonly StepTiming[]): readonly string[] {
  const { contestant, medianMs, leastMs, gmacPerSecond, lossDifference, comparedLosses } = timing;
  const ours = oursOf(timing, all);
  const isOther = ours !== undefined && ours !== timing;
  return [
    contestant.engine + (contestant.threads === 1 ? '' : `, ${contestant.threads} threads`),
    short(medianMs),
    short(leastMs),
    short(gmacPerSecond),
    isOther ? `${short(medianMs / ours.medianMs)}x` : '',
    isOther ? `${lossDifference.toExponential(0)} in ${comparedLosses}` : '',
    memoryText(timing),
  ];
}

/** Ours on one thread, of the same task. */
function oursOf({ task }: StepTiming, all: readonly StepTiming[]): StepTiming | undefined {
  return all.find(
    (one) => one.task === task && one.contestant.engine === 'espalier' && one.contestant.threads === 1,
  );
}

/** Megabytes after some steps, and those after the last one where they are others. */
function memoryText({ memory }: StepTiming): string {
  if (memory === null) return '';
  const [first, last] = [memory.first, memory.last].map((bytes) => (bytes / 1e6).toFixed(1));
  return first === last ? `${first}` : `${first}, then ${last}`;
}

/** Rows as `--json` writes them. */
export function stepJson(timings: readonly StepTiming[]): readonly object[] {
  return timings.map(({ task, contestant, medianMs, leastMs, memory }) => ({
    network: task.network.name,
    optimizer: task.rule.name,
    engine: contestant.engine,
    threads: contestant.threads,
    medianMs,
    leastMs,
    memoryBytes: memory?.last ?? null,
  }));
}

/** Rows of the CSV file of a processor. */
export function stepHistory({ date, timings }: StepResults): readonly (readonly string[])[] {
  const digits = (value: number): string => String(Number(value.toPrecision(4)));
  return timings.map(({ task, contestant, medianMs, leastMs, gmacPerSecond }) => [
    contestant.engine,
    contestant.version,
    `${task.network.name} ${task.rule.name} step`,
    'node',
    'float32',
    String(contestant.threads),
    ...[medianMs, leastMs, gmacPerSecond].map(digits),
    '',
    date,
  ]);
}

/**
 * Writes the page of one processor, from one whole run.
 *
 * @returns the file
 */
export function writeStepPage(folder: string, results: StepResults): string {
  const file = path.join(folder, `training-${results.machine.slug}.md`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, stepPage(results));
  return file;
}

export function stepPage({ machine, date, node, timings }: StepResults): string {
  const versions = new Map(timings.map(({ contestant }) => [contestant.engine, contestant.version]));
  const engines = [...versions].map(([engine, version]) => `${engine} ${version}`).join(', ');
  const tasks = [...new Set(timings.map(({ task }) => task))];
  return `# Training steps on ${machine.cpu}

Made by \`npm run -s bench -- training${threadsOption(timings)}\` on ${date}, ${machine.cores} cores, Node ${node}: ${engines}.

A step takes ${BATCH_SIZE} samples from JavaScript's memory, runs forward and backward in float32, updates all weights, and gives
the loss: the mean cross-entropy of the softmax. All engines start from the same weights and take the same batches; ${rules.map(ruleText).join(', ')}.
Before they are timed, steps are done on one batch, and losses compared: whose is more than ${MOST_LOSS_DIFFERENCE} of ours
away is left out. Then engines take turns, one thread each where nothing else is said. Times are medians in ms. jax-js has loss,
gradients and update in one function under \`jit\`, on its WebAssembly backend. TensorFlow.js uses its own optimizers, on
its WebAssembly backend; that one has no gradient of a convolution's weights, so LeNet-5 is trained on its plain backend, \`tfjs-cpu\`.
MB are what the engine itself counts, for ours all of its memory: where they grow from the steps that were compared to the
last one, both are given.
${tasks.map((task) => taskSection(timings.filter((one) => one.task === task))).join('')}`;
}

function ruleText(rule: Rule): string {
  if (rule.name === 'sgd')
    return `SGD with a momentum of ${rule.momentum} and a rate of ${rule.learningRate}`;
  return `Adam with a rate of ${rule.learningRate}`;
}

function threadsOption(timings: readonly StepTiming[]): string {
  const most = Math.max(1, ...timings.map(({ contestant }) => contestant.threads));
  return most === 1 ? '' : ` --threads ${most}`;
}

function taskSection(timings: readonly StepTiming[]): string {
  const [first] = timings;
  if (first === undefined) return '';
  const { network, rule, macs } = first.task;
  const [engine = '', , ...others] = headings;
  const rows = timings.map((timing) => rowOf(timing, timings));
  const title = `${network.title}, ${rule.name === 'sgd' ? 'SGD with momentum' : 'Adam'}`;
  return `
## ${title}: ${(macs / 1e6).toFixed(0)} million multiply-adds a step

${markdownTable([[engine, ...others], ...rows])}
`;
}
