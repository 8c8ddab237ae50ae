// Bundled for pages and for other versions of Node: sessions behind numbers, so that they can be used from outside.
import { loadKernels } from '@espalier/kernels';
import type { TensorLike } from '../src/session/feeds.js';
import type { LoadedCase } from './support/conformance.js';
import { loadCase } from './support/load-case.js';

const cases: Map<number, LoadedCase> = new Map();
let last = 0;

/** The binary that sessions run on this host. */
export async function binary(): Promise<string> {
  return (await loadKernels()).binary;
}

export async function load(
  bytes: Uint8Array,
  threads: number,
): Promise<{ index: number; onKernels: boolean }> {
  const loaded = await loadCase(bytes, { threads }, 2);
  cases.set(++last, loaded);
  return { index: last, onKernels: loaded.onKernels };
}

export async function run(
  index: number,
  inputs: Readonly<Record<string, TensorLike>>,
): Promise<Readonly<Record<string, TensorLike>> | undefined> {
  const outputs = await cases.get(index)?.run(inputs);
  if (outputs === undefined) return undefined;
  // Plain objects, since instances of a class do not go through.
  return Object.fromEntries(
    Object.entries(outputs).map(([name, { type, dims, data }]) => [name, { type, dims: [...dims], data }]),
  );
}

export async function dispose(index: number): Promise<void> {
  await cases.get(index)?.dispose();
  cases.delete(index);
}
