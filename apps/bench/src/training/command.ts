import { writeFileSync } from 'node:fs';
import type { Pace } from '../measure/compete.js';
import { findNetworks, type Network } from '../networks/networks.js';
import { countOf, parseOptions } from '../parse-options.js';
import { addRows } from '../report/history.js';
import { thisMachine } from '../report/machine.js';
import { competeInSteps, type StepTiming } from './compete-in-steps.js';
import { contestants } from './start.js';
import { type StepResults, stepHistory, stepJson, stepTable, writeStepPage } from './step-results.js';
import { makeTask, type Rule, rules } from './task.js';

export interface TrainingOptions {
  readonly networks: readonly Network[];
  readonly rules: readonly Rule[];
  readonly peers: boolean;
  /** Threads that ours trains on beside one; 1 for one alone. */
  readonly threads: number;
  readonly pace: Pace;
  /** Everything: what a page of results is made of. */
  readonly whole: boolean;
  readonly json: string | null;
  /** The folder of the CSV file and the page of results; null for none. */
  readonly csv: string | null;
}

export const trainingUsage = `npm run -s bench -- training [networks] [options]

  networks            lenet-300-100, lenet-5; both where left out
  --optimizer NAME    sgd (with momentum) or adam; both where left out
  --ours              ours only: for a look after a change
  --threads N         ours on N threads as well
  --quick             less than half of the time
  --json FILE         write { network, optimizer, engine, threads, medianMs, leastMs, memoryBytes } rows
  --csv DIR|no        where results are added: docs/results/bench for a whole run, else "no"
`;

/** Slots are longer than those of inference: a sample is an epoch of ${'`'}task.ts${'`'}. */
const paces = {
  full: { rounds: 7, slotMs: 400, warmUpMs: 500 },
  quick: { rounds: 3, slotMs: 150, warmUpMs: 200 },
} as const;

/** @throws {RangeError} for an option, an optimizer or a network that does not exist */
export function readTrainingOptions(
  args: readonly string[],
  resultsFolder: string,
): TrainingOptions | 'help' {
  const { values, positionals } = parse(args);
  if (values.help) return 'help';
  const threads = countOf('threads', values.threads);
  const { optimizer } = values;
  const chosen = rules.filter(({ name }) => optimizer === undefined || name === optimizer);
  if (chosen.length === 0) throw new RangeError(`--optimizer is "${optimizer}"; there are sgd and adam.`);
  const whole = positionals.length === 0 && optimizer === undefined && !values.quick && !values.ours;
  const csv = values.csv ?? (whole ? resultsFolder : 'no');
  return {
    networks: findNetworks(positionals.length === 0 ? ['lenet'] : positionals),
    rules: chosen,
    peers: !values.ours,
    threads,
    pace: values.quick ? paces.quick : paces.full,
    whole,
    json: values.json ?? null,
    csv: csv === 'no' ? null : csv,
  };
}

function parse(args: readonly string[]) {
  return parseOptions(args, {
    optimizer: { type: 'string' },
    ours: { type: 'boolean', default: false },
    threads: { type: 'string', default: '1' },
    quick: { type: 'boolean', default: false },
    json: { type: 'string' },
    csv: { type: 'string' },
    help: { type: 'boolean', default: false, short: 'h' },
  });
}

/** Times steps of training, prints them, and writes down what was asked for. */
export async function benchTraining(options: TrainingOptions, version: string): Promise<void> {
  const say = (line: string): void => console.log(line);
  const takePart = contestants(options, version, say);
  const timings: StepTiming[] = [];
  for (const network of options.networks) {
    for (const rule of options.rules) {
      const own = await competeInSteps(makeTask(network, rule), takePart, options.pace, say);
      for (const line of stepTable(own)) say(line);
      timings.push(...own);
    }
  }
  const date = new Date().toISOString().slice(0, 10);
  const results: StepResults = { machine: thisMachine(), date, node: process.versions.node, timings };
  if (options.json !== null) writeFileSync(options.json, `${JSON.stringify(stepJson(timings), null, 2)}\n`);
  if (options.csv === null) return;
  say(`Added to ${addRows(options.csv, results.machine, stepHistory(results))}`);
  if (options.whole) say(`Written: ${writeStepPage(options.csv, results)}`);
}
