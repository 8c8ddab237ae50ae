import { EspalierError, type RequantizationRule } from '@espalier/core';
import { InferenceSession } from '@espalier/runtime';
import { describe, expect, test } from 'vitest';
import { type Golden, goldensAreThere, networkGolden, operatorGoldens, sampleOf } from './goldens.js';
import { tfliteModel } from './tflite-model.js';

const rules = ['tflite', 'tflite-double'] as const;

/** How many elements of all samples differ; what can't run says why. */
async function difference(golden: Golden, rule: RequantizationRule): Promise<number> {
  const session = await InferenceSession.create(tfliteModel(golden.model, rule));
  const expected = golden.expected(rule);
  let count = 0;
  for (let sample = 0; sample < golden.samples; sample++) {
    const feeds = golden.inputs.map(({ name, values }) => [name, sampleOf(values, sample)] as const);
    const results = await session.run(Object.fromEntries(feeds));
    for (const { name, values } of expected) {
      const wanted = sampleOf(values, sample);
      const found = results[name];
      if (found === undefined) throw new Error(`There is no output "${name}".`);
      expect(found.type).toBe(wanted.type);
      expect(found.size).toBe(wanted.size);
      for (let i = 0; i < wanted.size; i++) if (found.data[i] !== wanted.data[i]) count++;
    }
  }
  await session.release();
  return count;
}

/** Why a case can't run; null where it ran and every byte is right. */
async function judge(golden: Golden, rule: RequantizationRule): Promise<string | null> {
  try {
    const count = await difference(golden, rule);
    return count === 0 ? null : `wrong: ${count} elements differ`;
  } catch (error) {
    if (error instanceof EspalierError && error.code === 'UNSUPPORTED') return `refused: ${error.message}`;
    if (error instanceof Error && error.message.startsWith('unsupported')) return `refused: ${error.message}`;
    throw error;
  }
}

describe.skipIf(!goldensAreThere).each(rules)('goldens of TensorFlow Lite, rule %s', (rule) => {
  test('single operators in int8 are right in every byte', {
    timeout: 120_000,
  }, async () => {
    const verdicts: string[] = [];
    const all = operatorGoldens('int8');
    for (const golden of all) {
      const verdict = await judge(golden, rule);
      if (verdict !== null) verdicts.push(`${golden.name} ${verdict}`);
    }
    console.log(
      `${rule}: ${all.length - verdicts.length} of ${all.length} int8 operators right\n${verdicts.join('\n')}`,
    );
    expect(verdicts).toEqual([]);
  });

  test.each(['resnet8_int8', 'kws_int8', 'person_detect', 'hello_world_int8'])(
    'the network %s is right in every byte',
    { timeout: 120_000 },
    async (name) => {
      expect(await judge(networkGolden(name), rule)).toBeNull();
    },
  );
});
