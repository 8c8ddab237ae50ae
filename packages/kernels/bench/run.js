/**
 * Times every kernel of the table with benchmark.js, after its result was compared with the scalar twin.
 * `pnpm bench [part of a kernel's name]`; needs a build.
 */
import Benchmark from 'benchmark';
import { compile } from '../bin/build-wasm.js';
import { instantiateKernels, kernelNames, kernelTable, loadKernelsSync } from '../dist/index.js';
import { cases, reseed, shapes } from './cases.js';

const wanted = process.argv[2] ?? '';
const scalar = new WebAssembly.Module(await compile('scalar'));

/** Throws when the fast kernel gives other bytes than its twin on the data that is timed. */
function check(label, timed, twin) {
  timed.run();
  twin.run();
  if (Buffer.compare(timed.result(), twin.result()) !== 0)
    throw new Error(`${label}: not what the scalar twin gives`);
}

function time(label, make) {
  reseed();
  const timed = make(loadKernelsSync());
  reseed();
  check(label, timed, make(instantiateKernels({ binary: 'scalar', module: scalar })));
  const bench = new Benchmark(label, timed.run, { maxTime: 1, minSamples: 20 });
  bench.on('error', () => {
    throw bench.error;
  });
  bench.run();
  const samples = [...bench.stats.sample].sort((a, b) => a - b);
  const median = samples[Math.floor(samples.length / 2)];
  const rate = (seconds) => (timed.work / seconds / 1e9).toFixed(2).padStart(8);
  // The least time too: on a shared machine it says more than the median.
  console.log(`${label.padEnd(40)}${rate(median)} (best${rate(samples[0])}) G${timed.unit}/s`);
}

for (const name of kernelNames.filter((one) => kernelTable[one].name.includes(wanted))) {
  time(kernelTable[name].name, cases[name]);
  for (const shape of shapes.filter((one) => one.name === name)) {
    time(`${kernelTable[name].name}, ${shape.label}`, shape.make);
  }
}
