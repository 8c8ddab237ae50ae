import { describe, expect, test } from 'vitest';
import { readCommandLine } from '../src/command-line.js';
import type { EngineName } from '../src/engines/engine.js';
import type { HostName } from '../src/hosts/host.js';
import { bestOf, type Timing } from '../src/measure/compete.js';
import type { NumberType } from '../src/measure/contestants.js';
import { peakFor } from '../src/measure/peaks.js';
import { median, sqnr } from '../src/measure/statistics.js';
import { measuredGoals } from '../src/report/goals.js';
import { goalLines, goalsTable } from '../src/report/goals-table.js';
import { withRows } from '../src/report/history.js';
import { layerLines } from '../src/report/layer-lines.js';
import { slugOf } from '../src/report/machine.js';
import { jsonRows, type Results } from '../src/report/results.js';
import { resultsPage } from '../src/report/results-page.js';
import { threadLines } from '../src/report/timing-table.js';

function timing(
  model: string,
  host: HostName,
  engine: EngineName,
  type: NumberType,
  medianMs: number,
  more: Partial<Timing> = {},
): Timing {
  const rest = { threads: 1, leastMs: medianMs, gmacPerSecond: 10 / medianMs, sqnrDb: 30 };
  return { model, host, engine, type, file: `${type}.onnx`, medianMs, ...rest, ...more };
}

const timings = [
  timing('mobilenet-v1', 'node', 'espalier', 'int8', 10),
  timing('mobilenet-v1', 'node', 'espalier', 'float32', 16),
  timing('mobilenet-v1', 'node', 'litert-compat', 'int8', 13),
  timing('lenet-5', 'chromium', 'espalier', 'int8', 1),
  timing('lenet-5', 'chromium', 'litert', 'int8', 1.09),
];
const peaks = { dot16: 5, f32: 2, relaxedDot: null, relaxedMadd: null };
const results: Results = {
  machine: { cpu: 'A CPU', slug: 'a-cpu', cores: 2 },
  date: '2026-11-22',
  hosts: [{ name: 'node', version: '20', engines: new Map([['espalier', '0.0.0']]), peaks, binary: 'simd' }],
  timings,
  layers: [
    {
      layer: 'pointwise',
      host: 'node',
      type: 'int8',
      density: 1,
      ms: 4,
      gmacPerSecond: 5,
      shareOfPeak: 0.5,
    },
    {
      layer: 'pointwise',
      host: 'node',
      type: 'int8',
      density: 0.1,
      ms: 2,
      gmacPerSecond: 10,
      shareOfPeak: 0.9,
    },
  ],
  load: { medianMs: 61, leastMs: 58 },
};

describe('statistics', () => {
  test('the median is the middle, or the mean of both middles', () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 2, 3])).toBe(2.5);
    expect(median([])).toBeNaN();
  });

  test('errors of a tenth are 20 dB, and a short answer is no answer', () => {
    expect(sqnr([1, -1], [1.1, -0.9])).toBeCloseTo(20, 10);
    expect(sqnr([1, 2], [1, 2])).toBe(Infinity);
    expect(sqnr([1, 2], [1])).toBeNaN();
  });
});

describe('the goals', () => {
  test('are ratios of medians, judged by the group of the network', () => {
    const goals = measuredGoals(timings);
    const seen = goals.flatMap(({ title, results: all }) =>
      all.map((one) => [title, one.ratio, one.reached]),
    );
    expect(seen).toEqual([
      ['Node, int8 over LiteRT compat int8', 1.3, true],
      ['Chromium, int8 over LiteRT int8', 1.09, false],
      ['Node, our int8 over our float32', 1.6, false],
    ]);
  });

  test('are told with what is short, in lines and in a table', () => {
    const goals = measuredGoals(timings);
    expect(goalLines(goals)[1]).toBe('Chromium, int8 over LiteRT int8: 0 of 1; short: lenet-5 1.09 of 1.1');
    const [head, first] = goalsTable(goals);
    expect(head?.[0]).toBe('network');
    expect(first).toEqual(['MobileNetV1 1.0 224', '1.30 ✓', '', '1.60 ✗ (1.7)']);
  });

  test('show a shortfall that rounding would hide', () => {
    const near = timing('mobilenet-v1', 'node', 'litert-compat', 'int8', 12.999);
    const goals = measuredGoals([...timings.slice(0, 1), near]);
    expect(goalsTable(goals)[1]).toEqual(['MobileNetV1 1.0 224', '1.2999 ✗ (1.3)']);
  });

  test('do not count what ran on two threads against what ran on one of another engine', () => {
    expect(measuredGoals(timings.map((one) => ({ ...one, threads: 2 })))).toEqual([]);
  });

  test('hold two threads to one, in large networks', () => {
    const twice = [
      ...timings,
      ...timings.map((one) => ({
        ...one,
        threads: 2,
        medianMs: one.medianMs / 2,
      })),
    ];
    const added = measuredGoals(twice).filter(({ title }) => title.includes('two'));
    expect(
      added.map(({ title, results: all }) => [title, all.map(({ ratio, reached }) => [ratio, reached])]),
    ).toEqual([
      ['Node, int8, one thread over two', [[2, true]]],
      ['Node, float32, one thread over two', [[2, true]]],
    ]);
    expect(threadLines(twice.slice(0, 6))).toEqual([
      'int8 on 2 threads: 2.00 times as fast as on one, by least times 1.00',
    ]);
  });
});

describe('results', () => {
  test('keep the faster kind of activations of an engine', () => {
    const slow = timing('lenet-5', 'node', 'onnxruntime-web', 'int8', 3, { file: 'uint8.onnx' });
    const fast = timing('lenet-5', 'node', 'onnxruntime-web', 'int8', 2);
    expect(bestOf([slow, fast, ...timings])).toEqual([fast, ...timings]);
  });

  test('are rows of seven fields as JSON', () => {
    expect(jsonRows(timings)[0]).toEqual({
      model: 'mobilenet-v1',
      host: 'node',
      engine: 'espalier',
      type: 'int8',
      threads: 1,
      medianMs: 10,
      gmacPerSecond: 1,
    });
  });

  test('fill a page: goals, layers, and our share of the peak', () => {
    const page = resultsPage(results);
    expect(page).toContain('| MobileNetV1 1.0 224 | 1.30 ✓ |');
    expect(page).toContain('90 % pruned: 2.00 times as fast as dense (2.00 of 4.00 ms), 2 wanted ✓');
    expect(page).toContain('61.0 ms (least 58.0), < 60 wanted ✗');
    expect(page).toContain('10.0 (10.0) 1.00 GMAC/s, 20 %');
  });

  test('compare int8 with the instructions that our kernels have on the host', () => {
    const [simd] = results.hosts;
    if (simd === undefined) throw new Error('no host');
    const relaxed = { ...simd, binary: 'relaxed', peaks: { ...peaks, relaxedDot: 9 } };
    expect([peakFor(simd, 'int8'), peakFor(relaxed, 'int8'), peakFor(relaxed, 'float32')]).toEqual([5, 9, 2]);
  });

  test('of layers say nothing of what was not measured', () => {
    expect(layerLines({ ...results, layers: [], load: null })).toEqual([]);
  });

  test('of another run of the same version take the place of the old ones', () => {
    const row = (version: string, ms: string) => ['espalier', version, 'lenet-5', 'node', 'int8', '1', ms];
    const first = withRows('', [row('1', '10'), row('2', '9')]);
    const second = withRows(first, [row('2', '8'), row('3', '7')]);
    expect(second.split('\n').slice(1)).toEqual([
      'espalier,1,lenet-5,node,int8,1,10',
      'espalier,2,lenet-5,node,int8,1,8',
      'espalier,3,lenet-5,node,int8,1,7',
      '',
    ]);
  });

  test('are filed under the name of the processor', () => {
    expect(slugOf('AMD EPYC (Zen 4), family 25')).toBe('amd-epyc-zen-4-family-25');
  });
});

describe('the command line', () => {
  const read = (...args: string[]) => readCommandLine(args, 'results');

  test('runs everything on both hosts where nothing is said, and keeps the results of a whole run only', () => {
    expect(read()).toMatchObject({
      peers: false,
      hosts: ['node', 'chromium'],
      threads: 1,
      csv: null,
      layers: true,
    });
    expect(read('--peers')).toMatchObject({ whole: true, csv: 'results' });
    expect(read('--peers', '--csv', 'no')).toMatchObject({ csv: null });
    expect(read('lenet', '--csv', 'here')).toMatchObject({ whole: false, csv: 'here', layers: false });
    expect(read('layers')).toMatchObject({ networks: [], layers: true });
  });

  test.each([
    [['--host', 'deno'], /--host is "deno"; there are node, chromium and both/],
    [['--threads', 'two'], /--threads is two; a whole number from 1 is wanted/],
    [['vgg'], /no network "vgg"/],
    [['--fast'], /--fast/],
  ])('refuses %j and says what there is', (args, message) => {
    expect(() => read(...args)).toThrow(message);
  });
});
