import type { Model } from '@espalier/core';
import { describe, expect, test } from 'vitest';
import { NetworkBuilder } from '../src/networks/network-builder.js';
import type { Network } from '../src/networks/networks.js';
import { readTrainingOptions } from '../src/training/command.js';
import {
  competeInSteps,
  lossDifference,
  MOST_LOSS_DIFFERENCE,
  type StepTiming,
} from '../src/training/compete-in-steps.js';
import { layersOf } from '../src/training/layers.js';
import { contestants } from '../src/training/start.js';
import { stepHistory, stepPage } from '../src/training/step-results.js';
import { makeTask, type Rule, rules } from '../src/training/task.js';

function network(name: string, make: () => Model): Network {
  return { name, title: name, group: 'lenet', make };
}

/** A LeNet-5 in small: each kind of layer, and a Flatten of several channels and pixels. */
const images = network('images', () => {
  const net = new NetworkBuilder('images', [1, 8, 8]);
  const plain = { kernel: 3, padding: 'valid', activation: 'none' } as const;
  const features = net.maxPool(net.conv(net.input, 3, plain), 2, 2);
  return net.finish(net.connected(net.connected(net.flatten(features), 7, 'relu'), 4));
});
const rows = network('rows', () => {
  const net = new NetworkBuilder('rows', [20]);
  return net.finish(net.connected(net.connected(net.input, 7, 'relu'), 4));
});
const pace = { rounds: 1, slotMs: 1, warmUpMs: 0 };

describe('engines that train', () => {
  test.each([
    { task: images, name: 'sgd', last: 'tfjs-cpu', refused: [/Conv2DBackpropFilter/] },
    { task: rows, name: 'adam', last: 'tfjs-wasm', refused: [] },
  ])('come to the same losses: $task.name by $name', async ({ task, name, last, refused }) => {
    const said: string[] = [];
    const say = (line: string): void => void said.push(line);
    const rule = rules.find((one) => one.name === name) as Rule; // both are there
    const takePart = contestants({ peers: true, threads: 2 }, '1', say);
    const timings = await competeInSteps(makeTask(task, rule), takePart, pace, say);
    expect(timings.map(({ contestant: { engine } }) => engine)).toEqual([
      'espalier',
      'espalier',
      'jax-js',
      last,
    ]);
    expect(said).toEqual(refused.map((reason) => expect.stringMatching(reason)));
    for (const { lossDifference: off, comparedLosses } of timings) {
      expect(off).toBeLessThan(MOST_LOSS_DIFFERENCE);
      expect(comparedLosses).toBe(5);
    }
    // Two threads give the same bits.
    expect(timings[1]?.lossDifference).toBe(0);
  });

  test('are left out where their losses are others', () => {
    expect(lossDifference([2, 1], [2, 1.5])).toBe(0.5);
    expect(lossDifference([2, 1], [Number.NaN, 1])).toBeNaN();
    expect(lossDifference([2, 1], [2])).toBe(0);
  });
});

test('a network that is no chain of known layers is refused by the name of its node', () => {
  const net = new NetworkBuilder('padded', [1, 8, 8]);
  const model = net.finish(net.conv(net.input, 2, { kernel: 3 }));
  expect(() => layersOf(model)).toThrow(/conv0: this Conv is not trained by other engines here/);
  const fork = new NetworkBuilder('fork', [4]);
  const hidden = fork.connected(fork.input, 4);
  expect(() => layersOf(fork.finish(fork.add(hidden, hidden, 'none')))).toThrow(/this Add/);
});

describe('results of training', () => {
  const [rule] = rules;
  if (rule === undefined) throw new Error('no rule');
  const task = makeTask(images, rule);
  const timing = (engine: 'espalier' | 'jax-js', medianMs: number): StepTiming => ({
    task,
    contestant: { engine, version: '1', threads: 1 },
    medianMs,
    leastMs: medianMs - 1,
    gmacPerSecond: 1,
    comparedLosses: 5,
    lossDifference: engine === 'espalier' ? 0 : 2e-6,
    memory: engine === 'espalier' ? { first: 4e6, last: 5e6 } : null,
  });
  const results = {
    machine: { cpu: 'A CPU', slug: 'a-cpu', cores: 2 },
    date: '2026-11-28',
    node: '20',
    timings: [timing('espalier', 4), timing('jax-js', 10)],
  };

  test('fill a page: times, ratio, how far losses are apart, and memory that grows', () => {
    const page = stepPage(results);
    expect(page).toContain('| espalier | 4.00 | 3.00 | 1.00 |  |  | 4.0, then 5.0 |');
    expect(page).toContain('| jax-js | 10.0 | 9.00 | 1.00 | 2.50x | 2e-6 in 5 |  |');
    expect(page).toContain('SGD with a momentum of 0.9');
  });

  test('are rows of the history beside those of inference', () => {
    expect(stepHistory(results)[1]?.slice(0, 7)).toEqual([
      ...['jax-js', '1', 'images sgd step', 'node', 'float32', '1', '10'],
    ]);
  });

  test('count the products of a step: three for each of a sample, but none for the gradient of the input', () => {
    const conv = 3 * 6 * 6 * 9;
    const connected = 27 * 7 + 7 * 4;
    expect(task.macs).toBe(64 * (2 * conv + 3 * connected));
  });
});

describe('the command line of training', () => {
  const read = (...args: string[]) => readTrainingOptions(args, 'results');

  test('races everything where nothing is said, and keeps the results of that only', () => {
    expect(read()).toMatchObject({ whole: true, csv: 'results', peers: true, threads: 1, rules });
    expect(read('--quick')).toMatchObject({ whole: false, csv: null });
    expect(read('lenet-5', '--optimizer', 'adam', '--ours')).toMatchObject({
      networks: [{ name: 'lenet-5' }],
      rules: [{ name: 'adam' }],
      peers: false,
    });
  });

  test.each([
    [['--optimizer', 'lamb'], /--optimizer is "lamb"; there are sgd and adam/],
    [['--threads', '0'], /--threads is 0; a whole number from 1 is wanted/],
    [['vgg'], /no network "vgg"/],
  ])('refuses %j and says what there is', (args, message) => {
    expect(() => read(...args)).toThrow(message);
  });
});
