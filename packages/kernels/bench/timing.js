/** What Node and a page share: one case compared with its scalar twin, then timed by benchmark.js. */
import benchmark from 'benchmark';
import lodash from 'lodash';
import platform from 'platform';
import { instantiateKernels, kernelNames, kernelTable, loadKernels } from '../dist/index.js';
import { cases, reseed, shapes } from './cases.js';

/**
 * On the clock of pages, where benchmark.js finds none finer than a millisecond. In a bundle it does not find its
 * libraries either; with a document it injects scripts.
 */
const Benchmark = benchmark.runInContext({
  _: lodash,
  platform,
  document: null,
  Date: Object.assign(() => performance.now(), { now: () => performance.now() }),
});

/** Kernels of both kinds that differ by what sums are multiplied with. */
const dependent = ['gemmI8', 'convI8', 'depthwiseConvI8'];

/** Each rule: what its binaries are compiled for, and how fixed-point products are rounded. */
const rules = [
  { label: '', multipliers: 'float32', twin: 'scalar' },
  { label: ', rounded once', multipliers: 'fixed-point', rounding: 'once', twin: 'scalarFixed' },
  { label: ', rounded twice', multipliers: 'fixed-point', rounding: 'twice', twin: 'scalarFixed' },
];

function runs(name, { multipliers }) {
  const only = kernelTable[name].multipliers;
  return only === undefined ? multipliers === 'float32' || dependent.includes(name) : only === multipliers;
}

/** Binaries of scalar twins, by the name that `bin/build-wasm.js` compiles. */
export const twins = [...new Set(rules.map(({ twin }) => twin))];

/** Kernels whose name contains `part`, by each rule at all their shapes. */
export function casesOf(part) {
  const names = kernelNames.filter((one) => kernelTable[one].name.includes(part));
  return names.flatMap((name) =>
    rules
      .filter((rule) => runs(name, rule))
      .flatMap((rule) => {
        const kernel = kernelTable[name].name;
        const more = shapes.filter((one) => one.name === name);
        const all = [
          { label: kernel, make: cases[name] },
          ...more.map(({ label, make }) => ({ label: `${kernel}, ${label}`, make })),
        ];
        return all.map(({ label, make }) => ({ ...rule, label: `${label}${rule.label}`, make }));
      }),
  );
}

/** Calls until V8 has seen that it is hot, then leaves the core to its compiler: in pages that is a patient thread. */
async function warmUp(call) {
  for (let round = 0; round < 3; round++) {
    for (const start = performance.now(); performance.now() - start < 50; ) call();
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/**
 * Times one case. Engines that compile on other threads are waited for.
 *
 * @param modules - the compiled scalar twins by name
 * @returns the line to print
 * @throws when the result is not that of the twin
 */
export async function timeCase({ label, make, multipliers, rounding, twin }, modules) {
  reseed();
  const timed = make({ ...(await loadKernels({ multipliers })), rounding });
  reseed();
  const judge = instantiateKernels({ binary: 'scalar', module: modules[twin], multipliers });
  const expected = make({ ...judge, rounding });
  timed.run();
  expected.run();
  const [given, wanted] = [timed.result(), expected.result()];
  if (given.some((byte, index) => byte !== wanted[index]))
    throw new Error(`${label}: not what the scalar twin gives`);
  await warmUp(timed.run);
  // Samples of 2 ms: on a shared machine longer ones are all disturbed.
  const bench = new Benchmark(label, timed.run, { maxTime: 1, minTime: 2e-3, minSamples: 20 });
  bench.on('error', () => {
    throw bench.error;
  });
  bench.run();
  const samples = [...bench.stats.sample].sort((a, b) => a - b);
  const median = samples[Math.floor(samples.length / 2)];
  const rate = (seconds) => (timed.work / seconds / 1e9).toFixed(2).padStart(8);
  // The least time too: on a shared machine it says more than the median.
  return `${label.padEnd(52)}${rate(median)} (best${rate(samples[0])}) G${timed.unit}/s`;
}
