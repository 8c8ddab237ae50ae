import { encodeBinary } from '../bin/binary-text.js';
import { compile, compileEntry, KERNELS } from '../bin/build-wasm.js';

const meaning = (number) => ['--use', `RELAXED_DOT_MEANING=${number}`];
// Half the time of -O3, for what is never shipped; the shipped ones are compiled as they are.
const QUICK = ['-O2'];

/** Binaries that tests need: which one, and more options for the compiler. */
const TESTED = {
  simd: ['simd'],
  relaxed: ['relaxed'],
  relaxedSigned: ['relaxed', ...meaning(1), ...QUICK],
  relaxedUnsigned: ['relaxed', ...meaning(2), ...QUICK],
  fast: ['fast'],
  // Plain SIMD, with a multiply-add that is fused: assembly/mul-add.ts.
  fastFused: ['simd', '--use', 'FAST_MATH=1', ...QUICK],
  relaxedProbe: ['relaxedProbe'],
  // The probe on four kinds of machines, imitated: assembly/relaxed-dot.ts.
  probeSigned: ['relaxedProbe', ...meaning(1)],
  probeUnsigned: ['relaxedProbe', ...meaning(2)],
  probeSaturating: ['relaxedProbe', ...meaning(3)],
  probeDoubling: ['relaxedProbe', ...meaning(4)],
  scalar: ['scalar'],
  simdFixed: ['simdFixed'],
  relaxedFixed: ['relaxedFixed'],
  relaxedSignedFixed: ['relaxedFixed', ...meaning(1), ...QUICK],
  relaxedUnsignedFixed: ['relaxedFixed', ...meaning(2), ...QUICK],
  scalarFixed: ['scalarFixed'],
  train: ['train'],
  trainScalar: ['trainScalar'],
  wide: ['wide'],
  wideScalar: ['wideScalar'],
  dynamic: ['dynamic'],
  dynamicRelaxed: ['dynamicRelaxed'],
  dynamicRelaxedSigned: ['dynamicRelaxed', ...meaning(1)],
  dynamicRelaxedUnsigned: ['dynamicRelaxed', ...meaning(2)],
  dynamicScalar: ['dynamicScalar'],
};

/**
 * @param {keyof typeof TESTED} key
 * @returns {Promise<Uint8Array>} the binary
 */
export function compileTested(key) {
  const [name, ...options] = TESTED[key];
  return compile(name, options);
}

/** Compiles the binaries once for all test files: the twins are never stale. */
export async function setup({ provide }) {
  const binaries = {};
  for (const key of Object.keys(TESTED)) binaries[key] = encodeBinary(await compileTested(key));
  // Small, so that what the compiler writes for a shared memory is seen in no time.
  const tiny = 'assembly/heap-base.ts';
  const shared = [...KERNELS, '--enable', 'threads', '--sharedMemory'];
  binaries.tiny = encodeBinary(await compileEntry(tiny));
  binaries.tinyShared = encodeBinary(await compileEntry(tiny, shared));
  provide('binaries', binaries);
}
