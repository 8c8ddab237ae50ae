import { EspalierError, type RequantizationRule, toNumbers } from '@espalier/core';
import { InferenceSession } from '@espalier/runtime';
import { tfliteFormat } from '@espalier/tflite';
import { describe, expect, test } from 'vitest';
import { type Golden, goldensAreThere, networkGolden, operatorGoldens, sampleOf } from './goldens.js';

const rules = ['tflite', 'tflite-double'] as const;

/** How many elements of all samples differ; what can't run says why. */
async function difference(golden: Golden, rule: RequantizationRule): Promise<number> {
  const session = await InferenceSession.create(golden.model, {
    formats: [tfliteFormat],
    requantization: rule,
  });
  const expected = golden.expected(rule);
  let count = 0;
  for (let sample = 0; sample < golden.samples; sample++) {
    // Some files have no names: order tells then.
    const feeds = golden.inputs.map(
      ({ name, values }, index) => [name || session.inputNames[index], sampleOf(values, sample)] as const,
    );
    const results = await session.run(Object.fromEntries(feeds));
    for (const [index, { name, values }] of expected.entries()) {
      const wanted = sampleOf(values, sample);
      const found = results[name || (session.outputNames[index] ?? '')];
      if (found === undefined) throw new Error(`There is no output "${name}".`);
      expect(found.type).toBe(wanted.type);
      expect(found.size).toBe(wanted.size);
      const [actual, right] = [toNumbers(found), toNumbers(wanted)];
      for (let i = 0; i < wanted.size; i++) if (!agrees(actual[i], right[i], golden.compare)) count++;
    }
  }
  await session.release();
  return count;
}

/** NaN agrees with NaN, whatever is equal with itself. */
function agrees(actual = 0, right = 0, { mode, atol = 0, rtol = 0 }: Golden['compare']): boolean {
  if (Object.is(actual, right) || actual === right) return true;
  return mode === 'close' && Math.abs(actual - right) <= atol + rtol * Math.abs(right);
}

/** Why a case can't run; null where it ran and every byte is right. */
async function judge(golden: Golden, rule: RequantizationRule): Promise<string | null> {
  try {
    const count = await difference(golden, rule);
    return count === 0 ? null : `wrong: ${count} elements differ`;
  } catch (error) {
    if (error instanceof EspalierError && error.code === 'UNSUPPORTED') return `refused: ${error.message}`;
    throw error;
  }
}

/** What is not right, by name. */
async function verdictsOf(goldens: readonly Golden[], rule: RequantizationRule): Promise<readonly string[]> {
  const verdicts: string[] = [];
  for (const golden of goldens) {
    const verdict = await judge(golden, rule);
    if (verdict !== null) verdicts.push(`${golden.name} ${verdict}`);
  }
  return verdicts;
}

/** 16-bit activations, beside 8-bit weights or alone, and conversions. */
const sixteenBits = [
  ...['int16', 'int16x8', 'float32->int16', 'int16->float32', 'int16->int8', 'int8->int16', 'int16->int32'],
];

describe.skipIf(!goldensAreThere)('goldens of TensorFlow Lite in float32', () => {
  test('single operators in float32 are within their tolerances', async () => {
    expect(await verdictsOf(operatorGoldens('float32'), 'tflite')).toEqual([]);
  });
});

describe.skipIf(!goldensAreThere).each(rules)('goldens of TensorFlow Lite, rule %s', (rule) => {
  test('single operators in int8 are right in every byte', {
    timeout: 120_000,
  }, async () => {
    const all = operatorGoldens('int8');
    const verdicts = await verdictsOf(all, rule);
    console.log(
      `${rule}: ${all.length - verdicts.length} of ${all.length} int8 operators right\n${verdicts.join('\n')}`,
    );
    expect(verdicts).toEqual([]);
  });

  test('single operators in 16 bits are right in every byte, or refused by name', async () => {
    const all = operatorGoldens(...sixteenBits);
    const verdicts = await verdictsOf(all, rule);
    console.log(`${rule}: ${all.length - verdicts.length} of ${all.length} with 16 bits right`);
    // Codes of 32 bits.
    expect(verdicts.map((verdict) => verdict.slice(0, verdict.indexOf(':')))).toEqual([
      'seanet_quantize0 refused',
      'seanet_quantize1 refused',
    ]);
  });

  test.each(['resnet8_int8', 'kws_int8', 'person_detect', 'hello_world_int8'])(
    'the network %s is right in every byte',
    { timeout: 120_000 },
    async (name) => {
      expect(await judge(networkGolden(name), rule)).toBeNull();
    },
  );
});
