import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { bundleForPage } from '@espalier/config/browser';
import { type Host, otherHosts } from '@espalier/config/hosts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type TrainingJob, trainElsewhere } from './training-elsewhere.js';

const jobs: readonly TrainingJob['loss'][] = ['labels', 'teacher', 'teacher, quantized'];
const hosts = otherHosts();
for (const { missing } of hosts) if (missing !== null) console.log(`Skipped: ${missing}`);

type Trained = Awaited<ReturnType<typeof trainElsewhere>>;

function hashOf({ weights }: Trained): string {
  const digest = createHash('sha256');
  for (const values of Object.values(weights)) digest.update(values);
  return digest.digest('hex');
}

describe('training gives the same bits', { timeout: 120_000 }, () => {
  const expected = new Map<string, Trained>();

  beforeAll(async () => {
    for (const loss of jobs) {
      const trained = await trainElsewhere({ loss, threads: 1 });
      expected.set(loss, trained);
      console.log(`Trained by ${loss} in Node ${process.versions.node}: ${hashOf(trained)}`);
    }
  }, 120_000);

  test('on two threads, and others for another job', async () => {
    for (const loss of jobs) expect(await trainElsewhere({ loss, threads: 2 })).toEqual(expected.get(loss));
    expect(new Set([...expected.values()].map(hashOf)).size).toBe(jobs.length);
    for (const { weights, losses } of expected.values()) {
      expect(losses.every(Number.isFinite)).toBe(true);
      for (const values of Object.values(weights)) expect(new Set(values).size).toBeGreaterThan(1);
    }
  });

  describe.each(hosts)('in $host', ({ missing, open }) => {
    describe.skipIf(missing !== null)('on one thread and on two', () => {
      let host: Host;
      beforeAll(async () => {
        host = await open(
          await bundleForPage(fileURLToPath(new URL('training-elsewhere.ts', import.meta.url))),
        );
      }, 120_000);
      afterAll(() => host?.close());

      test.each(jobs)('by %s', async (loss) => {
        for (const threads of [1, 2]) {
          const job: TrainingJob = { loss, threads };
          expect(await host.call('trainElsewhere', job)).toEqual(expected.get(loss));
        }
      });
    });
  });
});
