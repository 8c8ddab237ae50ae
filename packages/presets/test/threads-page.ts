// What threads.test.ts runs in Node and in pages: a file of a model on some threads.
import { readEspalier } from '@espalier/container';
import { coreEncodings, Tensor } from '@espalier/core';
import { huffmanKind } from '@espalier/plugin-huffman';
import { rangeCoderKind } from '@espalier/plugin-range-coder';
import { InferenceSession } from '@espalier/runtime';
import { textToBytes } from './bytes-as-text.js';

/** Logits of several batches of waves by a file (as base64), or the message of what was refused. */
export async function runOnThreads(file: string, threads: number | 'auto'): Promise<number[]> {
  const model = readEspalier(textToBytes(file), {
    encodings: [...coreEncodings, huffmanKind, rangeCoderKind],
  });
  const session = await InferenceSession.create(model, { threads });
  const results: number[] = [];
  for (const batch of [1, 3, 1, 3, 3]) {
    const images = Float32Array.from({ length: batch * 3 * 32 * 32 }, (_, i) => Math.cos(i * 0.13) * 1.5);
    const { logits } = await session.run({ input: new Tensor('float32', images, [batch, 3, 32, 32]) });
    if (logits !== undefined) results.push(...(logits.data as Float32Array));
  }
  // Not released: a page may be left, and a program end, with sessions open.
  return results;
}
