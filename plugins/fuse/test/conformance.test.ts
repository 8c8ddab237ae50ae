import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { Compressor, definePlugin, EXECUTOR, type Model } from '@espalier/core';
import { readOnnx } from '@espalier/onnx';
import { expectSameOutputs } from '@espalier/plugin-kit';
import { RuntimeExecutor } from '@espalier/runtime';
import { describe, expect, test } from 'vitest';
import { fuse } from '../src/index.js';

const cases = new URL('../../../../shared/conformance/onnx/', import.meta.url);
// ONNX's own function bodies: operators spelled out, with shape arithmetic and constants to fold.
const names = existsSync(cases) ? readdirSync(cases).filter((name) => name.includes('_expanded')) : [];
if (names.length === 0) console.warn(`Skipped: ${cases.pathname} is not there.`);

const executor = new RuntimeExecutor();
const runtime = definePlugin({
  id: 'runtime',
  register: (container) => container.register(EXECUTOR, { useValue: executor }),
});

/** Some cases need inputs of certain values: axes, lengths. What can't run can't be compared. */
async function runs(model: Model): Promise<boolean> {
  return expectSameOutputs(model, model, executor, { tolerance: 0 }).then(
    () => true,
    () => false,
  );
}

describe.skipIf(names.length === 0)('over the function bodies of the conformance cases', () => {
  test('outputs stay as they are', async () => {
    let compared = 0;
    for (const name of names) {
      const before = await readOnnx(readFileSync(new URL(`${name}/model.onnx`, cases)));
      const { model, report } = await new Compressor({ plugins: [fuse, runtime] }).run(before, [fuse()], {
        driftSamples: 0,
      });
      if (report.passes[0]?.modified !== true || !(await runs(before))) continue;
      // float16 keeps 11 bits, and what is folded is rounded elsewhere.
      const isHalf = before.graph.inputs.some((input) => input.type?.dtype === 'float16');
      await expectSameOutputs(before, model, executor, { tolerance: isHalf ? 2 ** -9 : 1e-6 });
      compared++;
    }
    expect(compared).toBeGreaterThan(80);
  });
});
