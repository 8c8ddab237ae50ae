import { decodeBinary } from './binary-text.js';
import { hasRelaxedSimd, type RelaxedDot, relaxedDotMeaning, requireSimd } from './features.js';
import { instantiateKernels, type Kernels } from './instantiate.js';
import { isShared, type MemoryOptions, newMemory } from './memory.js';
import type { MultiplierKind } from './multipliers.js';
import { withSharedMemory } from './shared-import.js';
import type { KernelMemory } from './wasm-types.js';

/** The binaries that are shipped. */
export type ShippedBinary = 'simd' | 'relaxed' | 'fast';

/** Which kernels, over which memory. */
export interface LoadOptions extends MemoryOptions {
  /**
   * A memory with a maximum of at most 65536 pages; `shared` and `maximumBytes` are not read then. One memory takes
   * one heap: two would hand out the same bytes. Absent: a new one.
   */
  readonly memory?: KernelMemory | undefined;
  /** Absent: `fast` as below, else `relaxed` where the machine's relaxed dot product is exact, else `simd`. */
  readonly binary?: ShippedBinary | undefined;
  /**
   * Lets float32 products round once where the machine multiplies and adds in one instruction: the binary `fast`, with
   * results that differ from one machine to the next in their last bits. Where there is no relaxed SIMD it changes
   * nothing, and with fixed-point multipliers, whose models have next to no float32. int8 and everything but products stay
   * bit for bit what they are. Default false.
   */
  readonly fastMath?: boolean | undefined;
  /** What int32 sums are multiplied with: float32 for rule `onnx` (the default), fixed-point for both of TensorFlow Lite. */
  readonly multipliers?: MultiplierKind | undefined;
}

type TextName = ShippedBinary | 'simdFixed' | 'relaxedFixed';

/** Each text is a chunk of its own: a page fetches the one it runs. */
const TEXTS: { readonly [Name in TextName]: () => Promise<string> } = {
  simd: async () => (await import('./gen/simd-wasm.js')).simdWasm,
  relaxed: async () => (await import('./gen/relaxed-wasm.js')).relaxedWasm,
  fast: async () => (await import('./gen/fast-wasm.js')).fastWasm,
  simdFixed: async () => (await import('./gen/simd-fixed-wasm.js')).simdFixedWasm,
  relaxedFixed: async () => (await import('./gen/relaxed-fixed-wasm.js')).relaxedFixedWasm,
};

/** Compiled once a process; a text that could not be fetched is tried again. */
const compiled: Map<string, Promise<WebAssembly.Module>> = new Map();

/**
 * The fastest kernels this machine computes exactly with, over a memory that grows as needed. All binaries but `fast`
 * give the same bits.
 *
 * @throws {TypeError} where WebAssembly SIMD is missing, where `binary` is `relaxed` and the relaxed dot product is
 * missing or not exact, and when the memory has no maximum
 * @throws {RangeError} when the engine gives no memory
 */
export async function loadKernels(options: LoadOptions = {}): Promise<Kernels> {
  const { binary, relaxedDot, multipliers } = choose(options);
  const memory = options.memory ?? newMemory(options);
  const module = await compile(binary, multipliers, isShared(memory));
  return instantiateKernels({ binary, module, memory, relaxedDot, multipliers });
}

/**
 * Lets the engine compile what `loadKernels` will take, on threads of its own, while there is something else to do: a file
 * to read, say. What fails here fails again there, and is told there.
 */
export function startCompilingKernels(
  options: Pick<LoadOptions, 'binary' | 'fastMath' | 'multipliers' | 'shared'> = {},
): void {
  try {
    const { binary, multipliers } = choose(options);
    compile(binary, multipliers, options.shared ?? false).catch(() => {});
  } catch {
    // As above.
  }
}

interface Choice {
  readonly binary: ShippedBinary;
  readonly relaxedDot: RelaxedDot | null;
  readonly multipliers: MultiplierKind;
}

function choose(options: LoadOptions): Choice {
  requireSimd();
  const relaxedDot = options.binary === 'simd' ? null : relaxedDotMeaning();
  const { multipliers = 'float32', fastMath = false } = options;
  const exact = relaxedDot === null ? 'simd' : 'relaxed';
  const mayBeFast = fastMath && multipliers === 'float32' && hasRelaxedSimd();
  const binary = options.binary ?? (mayBeFast ? 'fast' : exact);
  if (binary === 'relaxed') requireRelaxedDot(relaxedDot);
  if (binary === 'fast') requireFast(multipliers);
  return { binary, relaxedDot, multipliers };
}

function requireRelaxedDot(relaxedDot: RelaxedDot | null): void {
  if (relaxedDot !== null) return;
  throw new TypeError(
    'The relaxed kernels can not run here: the relaxed dot product is missing, or not exact on this processor. Use the binary "simd".',
  );
}

function requireFast(multipliers: MultiplierKind): void {
  if (multipliers !== 'float32')
    throw new TypeError('There are no fast kernels with fixed-point multipliers. Use the binary "simd".');
  if (hasRelaxedSimd()) return;
  throw new TypeError(
    'The fast kernels can not run here: relaxed SIMD is missing. It is in Chrome and Edge 114, Node 22 and newer ones. Ask for `fastMath` instead, which does without where it has to.',
  );
}

function compile(
  binary: ShippedBinary,
  multipliers: MultiplierKind,
  shared: boolean,
): Promise<WebAssembly.Module> {
  // There is no other fast one.
  const text: TextName = multipliers === 'float32' || binary === 'fast' ? binary : `${binary}Fixed`;
  const key = shared ? `${text}-shared` : text;
  const known = compiled.get(key);
  if (known) return known;
  const module = compileText(TEXTS[text](), shared);
  compiled.set(key, module);
  module.catch(() => compiled.delete(key));
  return module;
}

async function compileText(text: Promise<string>, shared: boolean): Promise<WebAssembly.Module> {
  const bytes = decodeBinary(await text);
  return WebAssembly.compile(shared ? withSharedMemory(bytes) : bytes);
}
