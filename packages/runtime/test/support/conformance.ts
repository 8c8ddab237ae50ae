import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TensorLike } from '../../src/session/feeds.js';
import { bitsOf } from './binaries.js';

const folder = new URL('../../../../../shared/conformance/', import.meta.url);

/** Whether the cases are beside the repository; says so where they are not. */
export const conformanceIsThere: boolean = existsSync(new URL('run.mjs', folder));
if (!conformanceIsThere) console.log('skipped: shared/conformance is not beside the repository');

type Tensors = Readonly<Record<string, TensorLike>>;

/** A model somewhere: what ../shared/conformance/run.mjs wants of an adapter, and whether kernels compute some of it. */
export interface LoadedCase {
  readonly onKernels: boolean;
  run(inputs: Tensors): Promise<Tensors>;
  dispose(): Promise<void>;
}

export type LoadCase = (bytes: Uint8Array) => Promise<LoadedCase>;

interface Case {
  readonly case: string;
  readonly dir: string;
  readonly tol?: unknown;
}

interface Runner {
  findCases(root: string): readonly Case[];
  runCase(
    adapter: { readonly load: LoadCase },
    dir: string,
    flags: unknown,
    over: unknown,
  ): Promise<{ status: 'pass' | 'fail' | 'unsupported'; reason: string; stage: string }>;
}

/** What came of the cases. */
export interface ConformanceResults {
  readonly right: readonly string[];
  readonly wrong: readonly string[];
  readonly refused: readonly string[];
  /** The bits of the outputs of each case that kernels compute, of some or all of its nodes. */
  readonly kernelBits: ReadonlyMap<string, unknown>;
}

/**
 * Runs conformance cases.
 *
 * @param over - what the runner changes about the cases: `{ constants: true }` has weights as constants
 * @param only - which cases, by name; absent: all
 * @param found - results of those that `constants` leaves as they are: they are taken over, not run again
 */
export async function runConformance(
  load: LoadCase,
  over?: { readonly constants: boolean },
  only?: { has(name: string): boolean },
  found?: ConformanceResults,
): Promise<ConformanceResults> {
  const runner = (await import(new URL('run.mjs', folder).href)) as Runner;
  const results = { right: [] as string[], wrong: [] as string[], refused: [] as string[] };
  const kernelBits = new Map<string, unknown>();
  const rightBefore = new Set(found?.right);
  for (const one of runner.findCases(fileURLToPath(new URL('onnx/', folder)))) {
    if (only !== undefined && !only.has(one.case)) continue;
    if (rightBefore.has(one.case) && !hasSecondInput(one)) {
      results.right.push(one.case);
      const bits = found?.kernelBits.get(one.case);
      if (bits !== undefined) kernelBits.set(one.case, bits);
      continue;
    }
    const adapter = {
      async load(bytes: Uint8Array): Promise<LoadedCase> {
        const loaded = await load(bytes);
        return {
          ...loaded,
          async run(inputs) {
            const outputs = await loaded.run(inputs);
            if (loaded.onKernels) kernelBits.set(one.case, bitsOf(outputs));
            return outputs;
          },
        };
      },
    };
    const { status, reason, stage } = await runner.runCase(adapter, one.dir, one.tol, over);
    if (status === 'pass') results.right.push(one.case);
    else results[status === 'fail' ? 'wrong' : 'refused'].push(`${one.case} (${stage}): ${reason}`);
  }
  return { ...results, kernelBits };
}

/** The runner makes constants of the inputs behind the first: without any the model is the same bytes. */
function hasSecondInput({ dir }: Case): boolean {
  return existsSync(join(dir, 'test_data_set_0/input_1.pb'));
}
