import { EspalierError, verify } from '@espalier/core';
import { describe, expect, test } from 'vitest';
import { readOnnx } from '../src/read-onnx.js';
import { writeOnnx } from '../src/write-onnx.js';
import { type Case, hasCases, listCases, loadRunner, type ReadCase } from './conformance-cases.js';
import { runInOnnxRuntime } from './onnx-runtime.js';

if (!hasCases) console.warn('skipped: ../shared/conformance/onnx is not there');

type Verdict = 'right' | 'wrong' | 'not run';

/** Whether ONNX Runtime computes the expected outputs of a case from these bytes. */
async function judge(
  entry: Case,
  bytes: Uint8Array,
  read: ReadCase,
  without: number,
): Promise<[Verdict, string]> {
  const { compareTensor, tolerance } = await loadRunner();
  for (const { inputs, outputs } of read.sets) {
    const feeds = Object.fromEntries(Object.entries(inputs).slice(0, without === 0 ? undefined : without));
    let results: Awaited<ReturnType<typeof runInOnnxRuntime>>;
    try {
      results = await runInOnnxRuntime(bytes, feeds);
    } catch (error) {
      return ['not run', String(error)];
    }
    for (const expected of outputs) {
      const why = compareTensor(expected, results[expected.name], tolerance(read, entry.tol));
      if (why !== null) return ['wrong', `${expected.name}: ${why}`];
    }
  }
  return ['right', ''];
}

/** Reads and writes every case; what ONNX Runtime computes from the original it must from the rewritten. */
async function rewriteAll(constants: boolean): Promise<Record<string, string[]>> {
  const { readCase, withConstants } = await loadRunner();
  const found: Record<string, string[]> = { right: [], worse: [], skipped: [], refused: [] };
  for (const entry of await listCases()) {
    const read = readCase(entry.directory);
    const fixed = Object.entries(read.sets[0]?.inputs ?? {}).slice(1);
    const bytes = constants ? withConstants(read.bytes, entry.ir, Object.fromEntries(fixed)) : read.bytes;
    const without = constants ? 1 : 0;
    let rewritten: Uint8Array;
    try {
      const model = await readOnnx(bytes);
      verify(model);
      rewritten = writeOnnx(model);
    } catch (error) {
      if (!(error instanceof EspalierError) || error.code !== 'UNSUPPORTED') throw error;
      found['refused']?.push(`${entry.name}: ${error.message}`);
      continue;
    }
    const [verdict, why] = await judge(entry, rewritten, read, without);
    if (verdict === 'right') {
      found['right']?.push(entry.name);
      continue;
    }
    const [original] = await judge(entry, bytes, read, without);
    found[original === 'right' ? 'worse' : 'skipped']?.push(
      `${entry.name} (${verdict}, was ${original}): ${why}`,
    );
  }
  return found;
}

describe.skipIf(!hasCases)('the 783 conformance cases of ONNX', () => {
  test.each([
    { form: 'as they are', constants: false },
    { form: 'with constants for all inputs but the first', constants: true },
  ])(
    'read and written again, $form, compute in ONNX Runtime what they did',
    async ({ form, constants }) => {
      const found = await rewriteAll(constants);
      const counts = Object.entries(found).map(([verdict, names]) => `${verdict} ${names.length}`);
      console.log(`${form}: ${counts.join(', ')}`);
      expect(found['worse']).toEqual([]);
      expect(found['refused']).toEqual([]);
      // ONNX Runtime 1.30 lacks kernels for the other 15; from the originals it computes 741.
      expect(found['right']?.length).toBeGreaterThanOrEqual(768);
    },
    300_000,
  );
});
