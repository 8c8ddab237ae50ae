import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { onnxFormat } from '@espalier/onnx';
import { InferenceSession } from '@espalier/runtime';
import { expect, test } from 'vitest';
import type { TensorLike } from '../src/session/feeds.js';

const folder = new URL('../../../../shared/conformance/', import.meta.url);
const there = existsSync(new URL('run.mjs', folder));
if (!there) console.log('skipped: shared/conformance is not beside the repository');

interface Case {
  readonly case: string;
  readonly dir: string;
  readonly tol?: unknown;
}

interface Runner {
  findCases(root: string): readonly Case[];
  runCase(
    adapter: unknown,
    dir: string,
    flags: unknown,
    over: unknown,
  ): Promise<{ status: 'pass' | 'fail' | 'unsupported'; reason: string; stage: string }>;
}

const adapter = {
  async load(bytes: Uint8Array) {
    const session = await InferenceSession.create(bytes, { formats: [onnxFormat] });
    return {
      run: (inputs: Readonly<Record<string, TensorLike>>) => session.run(inputs),
      dispose: () => session.release(),
    };
  },
};

async function runAll(over: unknown) {
  const runner = (await import(new URL('run.mjs', folder).href)) as Runner;
  const results = { pass: 0, fail: [] as string[], unsupported: [] as string[] };
  for (const one of runner.findCases(fileURLToPath(new URL('onnx/', folder)))) {
    const { status, reason, stage } = await runner.runCase(adapter, one.dir, one.tol, over);
    if (status === 'pass') results.pass++;
    else results[status].push(`${one.case} (${stage}): ${reason}`);
  }
  return results;
}

test.skipIf(!there).each([
  { form: 'weights as inputs', over: undefined },
  { form: 'weights as constants', over: { constants: true } },
])(
  'ONNX conformance cases compute right or are refused by name, $form',
  { timeout: 300_000 },
  async ({ over }) => {
    const { pass, fail, unsupported } = await runAll(over);
    console.log(`${pass} right, ${fail.length} wrong, ${unsupported.length} refused`);
    if (process.env['VERBOSE']) console.log([...fail, ...unsupported].join('\n'));
    expect(fail).toEqual([]);
    expect(pass).toBeGreaterThanOrEqual(0.97 * (pass + unsupported.length));
  },
);
