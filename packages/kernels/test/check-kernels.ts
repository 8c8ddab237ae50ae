// Bundled for pages and for other versions of Node: it knows neither vitest nor node:fs.
import fc from 'fast-check';
import { relaxedDotMeaning } from '../src/features.js';
import { type KernelName, kernelNames, kernelTable } from '../src/kernel-table.js';
import { loadKernels } from '../src/loader.js';
import type { MultiplierKind } from '../src/multipliers.js';
import { Arena, type TypedArray } from './arena.js';
import { kernelTests } from './cases/index.js';
import { sameBits } from './same-bits.js';
import { type BinaryTexts, type TestBinary, testKernels, variants } from './variants.js';

/** Which kernels are compared with their scalar twins, and by how many cases each. */
export interface Check {
  readonly texts: BinaryTexts;
  readonly binary: TestBinary;
  readonly multipliers: MultiplierKind;
  readonly seed: number;
  readonly runs: number;
}

/** What came of a check. */
export interface CheckResult {
  /** The variants of the binary that this host runs; none where it is `relaxed` and not exact. */
  readonly variants: readonly string[];
  /** A line for each kernel that gives other bits than its twin, or spoils memory, with the smallest case. */
  readonly failures: readonly string[];
}

/** Runs every kernel of a binary against its scalar twin, over memory of both kinds. */
export function checkKernels({ texts, binary, multipliers, seed, runs }: Check): CheckResult {
  const scalar = new Arena(testKernels(texts, { binary: 'scalar', shared: false }, multipliers));
  const checked = variants(texts).filter((variant) => variant.binary === binary);
  const failures = checked.flatMap((variant) => {
    const arena = new Arena(testKernels(texts, variant, multipliers));
    // Over shared memory it is the same code but for one bit.
    const numRuns = variant.shared ? Math.ceil(runs / 4) : runs;
    return kernelsOf(multipliers).flatMap((name) => {
      const found = firstDifference(name, arena, scalar, { seed, numRuns });
      return found === null ? [] : [`${name} (${variant.label}): ${found}`];
    });
  });
  return { variants: checked.map(({ label }) => label), failures };
}

/** Those that binaries of a kind have. */
function kernelsOf(multipliers: MultiplierKind): readonly KernelName[] {
  return kernelNames.filter((name) => (kernelTable[name].multipliers ?? multipliers) === multipliers);
}

/** What `loadKernels` takes on this host, and what its relaxed dot product means. */
export async function loadedBinary(): Promise<{ binary: string; meaning: string | null }> {
  return { binary: (await loadKernels()).binary, meaning: relaxedDotMeaning() };
}

/** Runs a kernel on a case; throws when it wrote outside its output. */
export function runInArena(name: KernelName, arena: Arena, input: unknown): TypedArray {
  const result = kernelTests[name].run(arena, input);
  arena.finish();
  return result;
}

function firstDifference(
  name: KernelName,
  arena: Arena,
  scalar: Arena,
  parameters: { readonly seed: number; readonly numRuns: number },
): string | null {
  const property = fc.property(kernelTests[name].cases, (input) =>
    sameBits(runInArena(name, arena, input), runInArena(name, scalar, input)),
  );
  const details = fc.check(property, parameters);
  return details.failed ? (fc.defaultReportMessage(details) ?? 'it failed') : null;
}
