/**
 * Compiles assembly/ and writes the binaries that are shipped as text to src/gen/, one module each, so that neither
 * Node, a browser nor a bundler has to find a second file, and a page loads only the one it runs. `node bin/build-wasm.js`
 */
import { mkdir, writeFile } from 'node:fs/promises';
import os from 'node:os';
import { fileURLToPath } from 'node:url';
import { isMainThread, Worker } from 'node:worker_threads';
import { cached } from './binary-cache.js';
import { encodeBinary } from './binary-text.js';

const root = fileURLToPath(new URL('..', import.meta.url));

// With a maximum, the import of the memory differs from that of a shared one by one bit: src/shared-import.ts sets it.
export const KERNELS = ['--importMemory', '--noExportMemory', '--maximumMemory', '65536'];
// -O3s is 16 % smaller (1.4 KB of 18 behind brotli) and 2.5 % slower on MobileNetV1 int8; -Oz the same; --converge gains nothing.
const SIMD = ['--enable', 'simd', '--noAssert', '-O3'];
const RELAXED = [...SIMD, '--enable', 'relaxed-simd'];

// The rules of TensorFlow Lite: assembly/requantize/rule.ts.
const FIXED_POINT = ['--use', 'FIXED_POINT=1'];

/** Entry file and compiler options of each binary. */
const BINARIES = {
  simd: { entry: 'assembly/simd.ts', options: [...KERNELS, ...SIMD] },
  relaxed: { entry: 'assembly/relaxed.ts', options: [...KERNELS, ...RELAXED] },
  simdFixed: {
    entry: 'assembly/simd-fixed.ts',
    options: [...KERNELS, ...SIMD, ...FIXED_POINT],
  },
  relaxedFixed: {
    entry: 'assembly/relaxed-fixed.ts',
    options: [...KERNELS, ...RELAXED, ...FIXED_POINT],
  },
  // What trains, with everything of simd.
  train: { entry: 'assembly/train.ts', options: [...KERNELS, ...SIMD] },
  // Beside one of those above, over its memory: int16 activations.
  wide: { entry: 'assembly/wide.ts', options: [...KERNELS, ...SIMD] },
  // The same, for codes of ranges that are known at run time.
  dynamic: { entry: 'assembly/dynamic.ts', options: [...KERNELS, ...SIMD] },
  dynamicRelaxed: { entry: 'assembly/dynamic-relaxed.ts', options: [...KERNELS, ...RELAXED] },
  // As relaxed, float32 products rounded as the machine likes: assembly/mul-add.ts.
  fast: { entry: 'assembly/relaxed.ts', options: [...KERNELS, ...RELAXED, '--use', 'FAST_MATH=1'] },
  // No memory of its own, no imports: small enough to be compiled while a page starts.
  relaxedProbe: { entry: 'assembly/relaxed-probe.ts', options: ['--noExportMemory', ...RELAXED] },
  // The judge of tests, with assertions; not shipped.
  scalar: { entry: 'assembly/scalar.ts', options: [...KERNELS, '-O2'] },
  scalarFixed: {
    entry: 'assembly/scalar-fixed.ts',
    options: [...KERNELS, '-O2', ...FIXED_POINT],
  },
  wideScalar: { entry: 'assembly/wide-scalar.ts', options: [...KERNELS, '-O2'] },
  dynamicScalar: { entry: 'assembly/dynamic-scalar.ts', options: [...KERNELS, '-O2'] },
  trainScalar: { entry: 'assembly/train-scalar.ts', options: [...KERNELS, '-O2'] },
  // For benchmarks.
  peaks: { entry: 'bench/assembly/peaks.ts', options: [...KERNELS, ...SIMD] },
  relaxedPeaks: { entry: 'bench/assembly/relaxed-peaks.ts', options: [...KERNELS, ...RELAXED] },
};

/** What is shipped, and the module of src/gen it is in. */
export const SHIPPED = {
  simd: 'simd-wasm',
  relaxed: 'relaxed-wasm',
  simdFixed: 'simd-fixed-wasm',
  relaxedFixed: 'relaxed-fixed-wasm',
  train: 'train-wasm',
  wide: 'wide-wasm',
  dynamic: 'dynamic-wasm',
  dynamicRelaxed: 'dynamic-relaxed-wasm',
  fast: 'fast-wasm',
  relaxedProbe: 'relaxed-probe-wasm',
};

/**
 * @param {keyof typeof BINARIES} name
 * @param {string[]} more - options for the compiler, after those of the binary
 * @returns {Promise<Uint8Array>} the binary
 */
export function compile(name, more = []) {
  const { entry, options } = BINARIES[name];
  return compileEntry(entry, [...options, ...more]);
}

/** The binary of any file of the package; by default one that imports a memory. */
export function compileEntry(entry, options = KERNELS) {
  return cached([entry, ...options], () => runCompiler(entry, options));
}

async function runCompiler(entry, options) {
  // Only where something is compiled: it takes a second to load.
  const { default: asc } = await import('assemblyscript/asc');
  let binary;
  const { error, stderr } = await asc.main(
    [entry, '--baseDir', root, '--outFile', 'out.wasm', '--runtime', 'stub', ...options],
    {
      writeFile: (_file, contents) => {
        binary = contents;
      },
    },
  );
  if (error || !binary) throw new Error(`${entry} does not compile:\n${stderr.toString()}`, { cause: error });
  return binary;
}

/** The text of a module of src/gen. */
export function generatedModule(name, binary) {
  const text = encodeBinary(binary);
  return `// Made by bin/build-wasm.js from assembly/. Do not edit.\nexport const ${name}Wasm: string =\n  '${text}';\n`;
}

/** Compiles them side by side, one a core. */
async function compileTogether(names) {
  const binaries = new Map();
  const waiting = [...names];
  const threads = Math.min(os.availableParallelism(), names.length);
  await Promise.all(
    Array.from({ length: threads }, async () => {
      const worker = new Worker(new URL('compile-worker.js', import.meta.url));
      for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
        binaries.set(name, await answer(worker, name));
      }
      await worker.terminate();
    }),
  );
  return binaries;
}

function answer(worker, name) {
  return new Promise((resolve, reject) => {
    worker.once('message', ({ binary }) => resolve(binary));
    worker.once('error', reject);
    worker.postMessage(name);
  });
}

if (isMainThread && process.argv[1] === fileURLToPath(import.meta.url)) {
  await mkdir(new URL('../src/gen/', import.meta.url), { recursive: true });
  const binaries = await compileTogether(Object.keys(SHIPPED));
  for (const [name, file] of Object.entries(SHIPPED)) {
    const binary = binaries.get(name);
    await writeFile(new URL(`../src/gen/${file}.ts`, import.meta.url), generatedModule(name, binary));
    console.log(`${name}: ${binary.length} bytes`);
  }
}
