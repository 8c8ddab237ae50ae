/**
 * Times every kernel of the table with benchmark.js, after its result was compared with the scalar twin; those that
 * multiply sums also in the binaries for the rules of TensorFlow Lite.
 * `pnpm bench [part of a kernel's name]`; needs a build.
 */
import Benchmark from 'benchmark';
import { compile } from '../bin/build-wasm.js';
import { instantiateKernels, kernelNames, kernelTable, loadKernels } from '../dist/index.js';
import { cases, reseed, shapes } from './cases.js';

const wanted = process.argv[2] ?? '';

/** Kernels of both kinds that differ by what sums are multiplied with. */
const dependent = ['gemmI8', 'convI8', 'depthwiseConvI8'];

/** Each rule: what its binaries are compiled for, and how fixed-point products are rounded. */
const rules = [
  { label: '', multipliers: 'float32', twin: 'scalar' },
  { label: ', rounded once', multipliers: 'fixed-point', rounding: 'once', twin: 'scalarFixed' },
  { label: ', rounded twice', multipliers: 'fixed-point', rounding: 'twice', twin: 'scalarFixed' },
];

/** Throws when the fast kernel gives other bytes than its twin on the data that is timed. */
function check(label, timed, twin) {
  timed.run();
  twin.run();
  if (Buffer.compare(timed.result(), twin.result()) !== 0)
    throw new Error(`${label}: not what the scalar twin gives`);
}

async function time(label, make, { multipliers, rounding, scalar }) {
  const binary = 'simd';
  reseed();
  const timed = make({ ...(await loadKernels({ binary, multipliers })), rounding });
  reseed();
  const twin = instantiateKernels({ binary: 'scalar', module: scalar, multipliers });
  check(label, timed, make({ ...twin, rounding }));
  const bench = new Benchmark(label, timed.run, { maxTime: 1, minSamples: 20 });
  bench.on('error', () => {
    throw bench.error;
  });
  bench.run();
  const samples = [...bench.stats.sample].sort((a, b) => a - b);
  const median = samples[Math.floor(samples.length / 2)];
  const rate = (seconds) => (timed.work / seconds / 1e9).toFixed(2).padStart(8);
  // The least time too: on a shared machine it says more than the median.
  console.log(`${label.padEnd(52)}${rate(median)} (best${rate(samples[0])}) G${timed.unit}/s`);
}

function runs(name, { multipliers }) {
  const only = kernelTable[name].multipliers;
  return only === undefined ? multipliers === 'float32' || dependent.includes(name) : only === multipliers;
}

const modules = new Map();
for (const { twin } of rules) {
  if (!modules.has(twin)) modules.set(twin, new WebAssembly.Module(await compile(twin)));
}
for (const name of kernelNames.filter((one) => kernelTable[one].name.includes(wanted))) {
  for (const rule of rules.filter((one) => runs(name, one))) {
    const how = { ...rule, scalar: modules.get(rule.twin) };
    await time(`${kernelTable[name].name}${rule.label}`, cases[name], how);
    for (const shape of shapes.filter((one) => one.name === name)) {
      await time(`${kernelTable[name].name}, ${shape.label}${rule.label}`, shape.make, how);
    }
  }
}
