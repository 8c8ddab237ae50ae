// A page that only runs models: container, runtime and kernels, and the encodings that files may have. What it weighs is
// guarded by page-weight.test.ts; browser.test.ts runs it.
import { readEspalier } from '@espalier/container';
import { coreEncodings } from '@espalier/core';
import { huffmanKind } from '@espalier/plugin-huffman';
import { rangeCoderKind } from '@espalier/plugin-range-coder';
import { InferenceSession } from '@espalier/runtime';

/** Fetches a `.espalier` file and makes it ready to run. */
export async function openModel(url: string): Promise<InferenceSession> {
  const response = await fetch(url);
  const bytes = new Uint8Array(await response.arrayBuffer());
  return InferenceSession.create(
    readEspalier(bytes, { encodings: [...coreEncodings, huffmanKind, rangeCoderKind] }),
  );
}
