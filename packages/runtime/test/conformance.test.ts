import { fileURLToPath } from 'node:url';
import { bundleForPage } from '@espalier/config/browser';
import { otherHosts } from '@espalier/config/hosts';
import { describe, expect, test } from 'vitest';
import type * as elsewhere from './sessions-elsewhere.js';
import { optionsFor, sessionBinaries } from './support/binaries.js';
import {
  type ConformanceResults,
  conformanceIsThere,
  type LoadCase,
  runConformance,
} from './support/conformance.js';
import { loadCase } from './support/load-case.js';
import { sharePool } from './support/share-pool.js';

type Loaded = Awaited<ReturnType<typeof elsewhere.load>>;
type Outputs = NonNullable<Awaited<ReturnType<typeof elsewhere.run>>>;

const forms = [
  { form: 'weights as inputs', over: undefined },
  { form: 'weights as constants', over: { constants: true } },
] as const;
const found = new Map<string, ConformanceResults>();
const elsewherePath = fileURLToPath(new URL('sessions-elsewhere.ts', import.meta.url));
const hosts = otherHosts();
for (const { missing } of hosts) if (missing !== null) console.log(`Skipped: ${missing}`);

describe.skipIf(!conformanceIsThere)('ONNX conformance cases', { timeout: 300_000 }, () => {
  test.each(forms)('compute right or are refused by name, $form', async ({ form, over }) => {
    const results = await runConformance(loadCase, over, undefined, found.get(forms[0].form));
    const { right, wrong, refused, kernelBits } = results;
    console.log(
      `${right.length} right, ${wrong.length} wrong, ${refused.length} refused; ${kernelBits.size} on kernels`,
    );
    if (process.env['VERBOSE']) console.log([...wrong, ...refused].join('\n'));
    expect(wrong).toEqual([]);
    expect(right.length).toBeGreaterThanOrEqual(0.97 * (right.length + refused.length));
    expect(kernelBits.size).toBeGreaterThan(290);
    found.set(form, results);
  });

  /**
   * Runs the cases that kernels compute elsewhere: all right, and with the bits found above. Without whole networks but the
   * one that is named: three of them take most of the time, and presets/test has networks.
   */
  async function expectTheSame(
    { form, over }: (typeof forms)[number],
    load: LoadCase,
    network?: string,
  ): Promise<void> {
    const expected = found.get(form);
    if (expected === undefined) throw new Error('The first test has found nothing to compare with.');
    const isWanted = (name: string): boolean => name === network || !name.startsWith('test_light_');
    const wanted = new Map([...expected.kernelBits].filter(([name]) => isWanted(name)));
    const { right, wrong, refused, kernelBits } = await runConformance(load, over, wanted);
    expect({ wrong, refused }).toEqual({ wrong: [], refused: [] });
    expect(right).toHaveLength(wanted.size);
    expect(kernelBits).toEqual(wanted);
  }

  // Elsewhere with constants, which more of them have kernels for; that is enough.
  // One memory for all cases: what a session does not give back when it is released would soon be missed.
  test.each(sessionBinaries)(
    'that kernels compute are right, to the same bits, on $label',
    async (binary) => {
      const options = await optionsFor(binary);
      const pool = await sharePool(options);
      // The others are too small for two threads.
      const network = pool === null ? undefined : 'test_light_inception_v2';
      await expectTheSame(forms[1], (bytes) => loadCase(bytes, options, 2), network);
      expect(pool?.close()).not.toBe(0);
    },
  );

  describe.each(hosts)('that kernels compute, in $host', ({ missing, open }) => {
    test.skipIf(missing !== null)('are right, to the same bits', async () => {
      const host = await open(await bundleForPage(elsewherePath));
      console.log(`It loads the binary "${await host.call('binary')}".`);
      await expectTheSame(forms[1], async (bytes) => {
        // Here and below: what the module's functions of these names give.
        const { index, onKernels } = (await host.call('load', bytes, 1)) as Loaded;
        return {
          onKernels,
          run: async (inputs) => (await host.call('run', index, inputs)) as Outputs,
          dispose: async () => void (await host.call('dispose', index)),
        };
      });
      await host.close();
    });
  });
});
