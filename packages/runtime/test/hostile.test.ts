import { EspalierError } from '@espalier/core';
import { parseModel, seededFeeds } from '@espalier/plugin-kit';
import { InferenceSession } from '@espalier/runtime';
import fc from 'fast-check';
import { expect, test } from 'vitest';

const number = fc.oneof(
  fc.integer({ min: -3, max: 9 }),
  fc.constantFrom(2 ** 15, 2 ** 20, 2 ** 31, 2 ** 32 + 1, Number.MAX_SAFE_INTEGER, -(2 ** 31)),
);
const list = fc.array(number, { minLength: 1, maxLength: 5 });
const some = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null, freq: 3 });

const windows = fc.record({
  op: fc.constantFrom('Conv', 'ConvTranspose', 'MaxPool', 'AveragePool'),
  strides: some(list),
  dilations: some(list),
  pads: some(fc.array(number, { minLength: 1, maxLength: 6 })),
  kernel: some(list),
  autoPad: fc.constantFrom('NOTSET', 'NOTSET', 'SAME_UPPER', 'VALID', 'WRONG'),
  group: fc.oneof(fc.constant(1), number),
});

/** Elements of an output along both axes of an image of 5 x 5, about. */
function outputSize(strides: readonly number[] | null, pads: readonly number[] | null): number {
  return [0, 1].reduce((size, axis) => {
    const padding = Math.max(pads?.[axis] ?? 0, 0) + Math.max(pads?.[axis + 2] ?? 0, 0);
    return (size * (5 + padding)) / Math.max(strides?.[axis] ?? 1, 1);
  }, 1);
}

test('a window of any numbers gives a result or an EspalierError', { timeout: 120_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(windows, async ({ op, strides, dilations, pads, kernel, autoPad, group }) => {
      const isPool = op.endsWith('Pool');
      // Results of gigabytes are allowed, where there is memory. Larger ones are refused, which takes no time.
      const size = outputSize(strides, pads);
      fc.pre(size < 2 ** 24 || size > 2 ** 33);
      const attributes = [
        ...(strides === null ? [] : [`strides: [${strides.join(', ')}]`]),
        ...(dilations === null || op === 'AveragePool' ? [] : [`dilations: [${dilations.join(', ')}]`]),
        ...(pads === null ? [] : [`pads: [${pads.join(', ')}]`]),
        ...(isPool ? [`kernel_shape: [${(kernel ?? [2, 2]).join(', ')}]`] : [`group: ${group}`]),
        `auto_pad: "${autoPad}"`,
      ];
      try {
        const model = parseModel(`
          input x: float32[1, 2, 5, 5]
          constant w: float32[2, 2, 2, 2] = random(1)
          y: float32[...] = ${op}(${isPool ? 'x' : 'x, w'}) { ${attributes.join(', ')} }
          output y
        `);
        await (await InferenceSession.create(model)).run(seededFeeds(model));
      } catch (error) {
        expect(error).toBeInstanceOf(EspalierError);
      }
    }),
    { numRuns: 500 },
  );
});
