import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleForPage } from '@espalier/config/browser';
import { afterAll, expect, test } from 'vitest';
import type { Taken } from './memory-program.js';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'espalier-memory-'));
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

test('training LeNet-5 at batch 64 takes a process less than 200 MB, and no more from epoch to epoch', async () => {
  const file = path.join(folder, 'program.mjs');
  fs.writeFileSync(file, await bundleForPage(fileURLToPath(new URL('memory-program.ts', import.meta.url))));
  const taken = JSON.parse(
    execFileSync(process.execPath, ['--expose-gc', file], { encoding: 'utf8' }),
  ) as Taken[];
  const list = taken.map(({ resident, held, kernels }) =>
    [resident, held, kernels].map((n) => (n / 1e6).toFixed(1)),
  );
  console.log(`Resident, held, kernels in MB, by epoch: ${list.map((one) => one.join(' ')).join(', ')}`);
  // The first one warms up.
  const [first, ...others] = taken.slice(1);
  expect(others.length).toBeGreaterThan(1);
  for (const { resident } of taken) expect(resident).toBeLessThan(200e6);
  for (const { held, kernels } of others) {
    // Compiled code and the like come to some kilobytes; one copy of the weights would be 1.7 megabytes.
    expect(held).toBeLessThan((first?.held ?? 0) + 500e3);
    expect(kernels).toBe(first?.kernels);
  }
  // The weights, their gradients and two means of each at the least: it was really trained.
  expect(first?.kernels).toBeGreaterThan(430_500 * 4 * 4);
}, 60_000);
