// What same-bits.test.ts runs in Node, in pages and in other versions of Node: networks on a binary and some threads.
import { readEspalier } from '@espalier/container';
import { coreEncodings, Tensor } from '@espalier/core';
import { loadKernels } from '@espalier/kernels';
import { huffmanKind } from '@espalier/plugin-huffman';
import { InferenceSession } from '@espalier/runtime';

/** A network to run. */
export interface Job {
  readonly file: Uint8Array;
  /** Of the one input, float32. */
  readonly dims: readonly number[];
  readonly binary: 'simd' | 'relaxed';
  readonly threads: number;
}

/** The binary that sessions run on this host. */
export async function loadedBinary(): Promise<string> {
  return (await loadKernels()).binary;
}

/** Outputs of several batches of waves, and what computed them. */
export async function runNetwork(
  job: Job,
): Promise<{ readonly binary: string; readonly shared: boolean; readonly outputs: readonly Float32Array[] }> {
  const { file, dims, threads } = job;
  const kernels = await loadKernels({ binary: job.binary, shared: threads > 1 });
  const model = readEspalier(file, { encodings: [...coreEncodings, huffmanKind] });
  const session = await InferenceSession.create(model, { threads, kernels });
  const outputs: Float32Array[] = [];
  // Recorded, played back, and recorded again for another shape.
  for (const batch of [1, 1, 2]) {
    const shape = [batch, ...dims];
    const data = Float32Array.from(
      { length: shape.reduce((a, b) => a * b) },
      (_, i) => Math.cos(i * 0.13) * 1.5,
    );
    const results = await session.run({ [session.inputNames[0] ?? '']: new Tensor('float32', data, shape) });
    // All outputs of these networks are float32.
    for (const tensor of Object.values(results)) outputs.push(tensor.data as Float32Array);
  }
  await session.release();
  return { binary: kernels.binary, shared: kernels.shared, outputs };
}
