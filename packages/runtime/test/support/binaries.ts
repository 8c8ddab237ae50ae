import type { Tensor } from '@espalier/core';
import { instantiateKernels, type Kernels, loadKernels, type RelaxedDot } from '@espalier/kernels';
import { InferenceSession, type PlanLine, type SessionOptions } from '@espalier/runtime';
import { expect, inject } from 'vitest';

/** Kernels that a session may run on, and its threads. */
export interface SessionBinary {
  readonly label: string;
  readonly threads: number;
  kernels(): Promise<Kernels>;
}

const MAXIMUM_BYTES = 2 ** 28;
const one = { threads: 1 };

/** Every binary that runs in any Node. The relaxed one with its own dot product runs in other-hosts.test.ts. */
export const sessionBinaries: readonly SessionBinary[] = [
  { label: 'simd', ...one, kernels: () => loadKernels({ binary: 'simd' }) },
  { label: 'relaxed, signed', ...one, kernels: () => imitation('relaxedSigned', 'signed') },
  { label: 'relaxed, unsigned', ...one, kernels: () => imitation('relaxedUnsigned', 'unsigned') },
  { label: 'simd, two threads', threads: 2, kernels: () => sharedKernels() },
];

function sharedKernels(): Promise<Kernels> {
  return loadKernels({ binary: 'simd', shared: true, maximumBytes: MAXIMUM_BYTES });
}

const modules: Map<string, WebAssembly.Module> = new Map();

async function imitation(key: 'relaxedSigned' | 'relaxedUnsigned', relaxedDot: RelaxedDot): Promise<Kernels> {
  const module = modules.get(key) ?? new WebAssembly.Module(Buffer.from(inject('imitations')[key], 'base64'));
  modules.set(key, module);
  return instantiateKernels({ binary: 'relaxed', module, relaxedDot });
}

export async function optionsFor(binary: SessionBinary): Promise<SessionOptions> {
  return { threads: binary.threads, kernels: await binary.kernels() };
}

/** What a model computes on one thread, the same bits on every binary, and what computed it. */
export async function runOnEveryBinary(
  model: Parameters<typeof InferenceSession.create>[0],
  feeds: Readonly<Record<string, Tensor>>,
): Promise<{ outputs: Readonly<Record<string, Tensor>>; plan: readonly PlanLine[] }> {
  const [first, ...others] = sessionBinaries.filter(({ threads }) => threads === 1);
  if (first === undefined) throw new Error('no binary');
  const session = await InferenceSession.create(model, await optionsFor(first));
  const outputs = await session.run(feeds);
  for (const binary of others) {
    const other = await InferenceSession.create(model, await optionsFor(binary));
    expect(bitsOf(await other.run(feeds)), binary.label).toEqual(bitsOf(outputs));
  }
  return { outputs, plan: session.plan };
}

/** Outputs as bytes: tells -0 from 0. Every NaN counts as the same one, since WebAssembly leaves its payload open. */
export function bitsOf(
  outputs: Readonly<Record<string, { readonly data: unknown }>>,
): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(outputs).map(([name, { data }]) => [name, hexOf(data)]));
}

function hexOf(data: unknown): string {
  const canonical = data instanceof Float32Array ? data.map((x) => (Number.isNaN(x) ? Number.NaN : x)) : data;
  if (!ArrayBuffer.isView(canonical)) throw new TypeError('A tensor of all libraries holds a typed array.');
  return Buffer.from(canonical.buffer, canonical.byteOffset, canonical.byteLength).toString('hex');
}
