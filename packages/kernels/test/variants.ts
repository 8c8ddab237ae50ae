import { decodeBinary } from '../src/binary-text.js';
import { type DynamicKernels, joinDynamicKernels } from '../src/dynamic-loader.js';
import { probe, type RelaxedDot } from '../src/features.js';
import { instantiateKernels, type Kernels } from '../src/instantiate.js';
import type { BinaryName } from '../src/kernel-table.js';
import { newMemory } from '../src/memory.js';
import type { MultiplierKind } from '../src/multipliers.js';
import { withSharedMemory } from '../src/shared-import.js';
import { instantiateTrainKernels, type TrainKernels } from '../src/train-loader.js';
import { joinWideKernels, type WideKernels } from '../src/wide-loader.js';

/**
 * Kernel binaries: those that are shipped, the judge, the relaxed one with exact code for either meaning of its dot, and
 * the fast one over plain SIMD.
 */
export type TestBinary = BinaryName | 'relaxedSigned' | 'relaxedUnsigned' | 'fastFused';

/** The text of a binary is found by its name, and `Fixed` where its multipliers are. */
type TextName = TestBinary | `${TestBinary}Fixed`;

/** The text of every binary compiled from assembly/ for this run. */
export type BinaryTexts = Readonly<
  Record<TextName | TrainBinary | WideBinary | DynamicBinary | 'tiny' | 'tinyShared' | ProbeBinary, string>
>;

/** What trains, and its judge. */
export type TrainBinary = 'train' | 'trainScalar';

/** For int16 activations, and their judge. */
export type WideBinary = 'wide' | 'wideScalar';

/** For codes of run-time ranges, with exact code for either meaning of the relaxed dot, and their judge. */
export type DynamicBinary =
  | 'dynamic'
  | 'dynamicRelaxed'
  | 'dynamicRelaxedSigned'
  | 'dynamicRelaxedUnsigned'
  | 'dynamicScalar';

/** The probe, and the probe as it would run on other machines. */
export type ProbeBinary =
  | 'relaxedProbe'
  | 'probeSigned'
  | 'probeUnsigned'
  | 'probeSaturating'
  | 'probeDoubling';

/** A binary and a kind of memory that this host can run. */
export interface Variant {
  readonly label: string;
  readonly binary: TestBinary;
  readonly shared: boolean;
}

/** What the relaxed dot of this host means, by the probe compiled for this run. */
export function probed(texts: BinaryTexts): RelaxedDot | null {
  return probe(decodeBinary(texts.relaxedProbe));
}

function textName(binary: TestBinary, multipliers: MultiplierKind): TextName {
  return multipliers === 'float32' ? binary : `${binary}Fixed`;
}

/** All that is compared with the scalar twins; the shipped relaxed binary only where its dot product is exact. */
export function variants(texts: BinaryTexts): Variant[] {
  const binaries: TestBinary[] = ['simd', 'relaxedSigned', 'relaxedUnsigned'];
  if (probed(texts) !== null) binaries.push('relaxed');
  return binaries.flatMap((binary) => [
    { label: binary, binary, shared: false },
    { label: `${binary}, shared memory`, binary, shared: true },
  ]);
}

/** Kernels of a binary over a memory of their own. */
export function testKernels(
  texts: BinaryTexts,
  { binary, shared }: Omit<Variant, 'label'>,
  multipliers: MultiplierKind = 'float32',
): Kernels {
  const bytes = decodeBinary(texts[textName(binary, multipliers)]);
  const module = new WebAssembly.Module(shared ? withSharedMemory(bytes) : bytes);
  const memory = newMemory({ shared, maximumBytes: 2 ** 28 });
  const name =
    binary === 'relaxedSigned' || binary === 'relaxedUnsigned'
      ? 'relaxed'
      : binary === 'fastFused'
        ? 'fast'
        : binary;
  const relaxedDot = meaning(texts, binary);
  return instantiateKernels({ binary: name, module, memory, relaxedDot, multipliers });
}

/** Kernels that train, over a memory of their own. */
export function testTrainKernels(texts: BinaryTexts, binary: TrainBinary, shared = false): TrainKernels {
  const bytes = decodeBinary(texts[binary]);
  const module = new WebAssembly.Module(shared ? withSharedMemory(bytes) : bytes);
  return instantiateTrainKernels(module, newMemory({ shared, maximumBytes: 2 ** 28 }));
}

/** Kernels for int16 activations, beside those of the plain binary. */
export function testWideKernels(texts: BinaryTexts, binary: WideBinary, shared = false): WideKernels {
  const bytes = decodeBinary(texts[binary]);
  const module = new WebAssembly.Module(shared ? withSharedMemory(bytes) : bytes);
  return joinWideKernels(testKernels(texts, { binary: 'simd', shared }), module);
}

/** Kernels for codes of run-time ranges, beside those of a binary that multiplies alike. */
export function testDynamicKernels(
  texts: BinaryTexts,
  { binary, beside, shared }: { binary: DynamicBinary; beside: TestBinary; shared: boolean },
): DynamicKernels {
  const bytes = decodeBinary(texts[binary]);
  const module = new WebAssembly.Module(shared ? withSharedMemory(bytes) : bytes);
  return joinDynamicKernels(testKernels(texts, { binary: beside, shared }), module);
}

function meaning(texts: BinaryTexts, binary: TestBinary): RelaxedDot | null {
  if (binary === 'relaxedSigned') return 'signed';
  if (binary === 'relaxedUnsigned') return 'unsigned';
  return binary === 'relaxed' || binary === 'fast' ? probed(texts) : null;
}
