import { fileURLToPath } from 'node:url';
import { bundleForPage } from '@espalier/config/browser';
import { type Host, otherHosts } from '@espalier/config/hosts';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import type { Check, CheckResult, loadedBinary } from './check-kernels.js';

const texts = inject('binaries');
const seed = fc.readConfigureGlobal()?.seed ?? Date.now() & 0x7fffffff;
const hosts = otherHosts();
for (const { missing } of hosts) if (missing !== null) console.log(`Skipped: ${missing}`);

/** Most for the relaxed binary as it is shipped, which Node 20 can't run; the others are tested there too. */
const BINARIES = [
  { binary: 'relaxed', runs: 100 },
  { binary: 'simd', runs: 40 },
  { binary: 'relaxedSigned', runs: 12 },
  { binary: 'relaxedUnsigned', runs: 12 },
] as const;
/** The second kind has most kernels in common with the first. */
const CHECKS = BINARIES.flatMap((one) => [
  { ...one, multipliers: 'float32' as const },
  { ...one, multipliers: 'fixed-point' as const, runs: one.runs / 4 },
]);

describe.each(hosts)('in $host', { timeout: 180_000 }, ({ missing, open }) => {
  describe.skipIf(missing !== null)('kernels', () => {
    let host: Host;
    let loaded: Awaited<ReturnType<typeof loadedBinary>>;

    beforeAll(async () => {
      host = await open(await bundleForPage(fileURLToPath(new URL('check-kernels.ts', import.meta.url))));
      loaded = (await host.call('loadedBinary')) as typeof loaded;
    }, 120_000);
    afterAll(() => host?.close());

    const check = async (given: Check) => (await host.call('checkKernels', given)) as CheckResult;

    test('of the relaxed binary are loaded exactly where the relaxed dot product is exact', () => {
      const { binary, meaning } = loaded;
      console.log(`It loads the binary "${binary}"; the relaxed dot product is ${meaning ?? 'not exact'}.`);
      expect(binary).toBe(meaning === null ? 'simd' : 'relaxed');
    });

    test.each(CHECKS)('of $binary, $multipliers, give the bits of their scalar twins', async (one) => {
      const { binary } = one;
      const runsHere = binary !== 'relaxed' || loaded.meaning !== null;
      expect(await check({ texts, seed, ...one })).toEqual({
        variants: runsHere ? [binary, `${binary}, shared memory`] : [],
        failures: [],
      });
    });

    test('whose dot product means something else are found', async () => {
      const mixed = { ...texts, relaxedSigned: texts.relaxedUnsigned };
      const given = {
        texts: mixed,
        binary: 'relaxedSigned',
        multipliers: 'float32',
        // Of 20 drawn cases none may show it in gemmI8: these do.
        seed: 20_261_122,
        runs: 20,
      } as const;
      const { failures } = await check(given);
      expect(failures.join('\n')).toMatch(/gemmI8 \(relaxedSigned\): Property failed[\s\S]*convI8/);
    });
  });
});
