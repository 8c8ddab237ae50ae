import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { ModelSet } from '../models/model-set.js';
import { median } from './statistics.js';

export interface LoadTime {
  readonly medianMs: number;
  readonly leastMs: number;
}

const PROCESSES = 7;

/**
 * From the bytes of the int8 `.espalier` file to its first result, each time in a new Node process: decoding,
 * planning, packing and compiling, nothing of it warm.
 *
 * @param entry - path of the built `first-result.ts`
 */
export function measureLoadTime(entry: string, { files, dims, input }: ModelSet): LoadTime {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'espalier-bench-'));
  try {
    const [model, data] = [path.join(folder, 'model.espalier'), path.join(folder, 'input')];
    writeFileSync(model, files['int8.espalier']);
    writeFileSync(data, new Uint8Array(input.buffer));
    const times = Array.from({ length: PROCESSES }, () =>
      Number(execFileSync(process.execPath, [entry, model, dims.join('x'), data], { encoding: 'utf8' })),
    );
    return { medianMs: median(times), leastMs: Math.min(...times) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
