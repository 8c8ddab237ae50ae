// Deep Compression of an AlexNet-sized model: seconds, memory, bytes against entropy, decoding speed.
//
//     node dist/alexnet/compression.js [seed]

import { espalier, readEspalier, writeEspalier } from '@espalier/container';
import { Compressor, coreEncodings, elementCount, type Model } from '@espalier/core';
import { huffman, huffmanKind } from '@espalier/plugin-huffman';
import { prune } from '@espalier/plugin-prune';
import { shareWeights } from '@espalier/plugin-share-weights';
import { streamEntropy } from './entropy.js';
import { alexNetOfNoise } from './model.js';

const DENSITY = 0.11;
const BITS = 5;
/** What the result is held to. */
const limits = { seconds: 20, memory: 3, overEntropy: 1.02, decodeRate: 100 };

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

/** The most memory the process has had, in bytes. */
function peakBytes(): number {
  return process.resourceUsage().maxRSS * 1024;
}

function line(what: string, figure: string, holds: boolean, limit: string): void {
  if (!holds) process.exitCode = 1;
  console.log(`${what.padEnd(34)} ${figure.padEnd(28)} ${holds ? 'holds' : 'FAILS'}: ${limit}`);
}

function weightCount(model: Model): number {
  return model.weights().reduce((sum, { encoding }) => sum + elementCount(encoding.dims), 0);
}

/** Weights decoded a second, all layers one after the other. */
function decodeRate(model: Model): number {
  const start = performance.now();
  let count = 0;
  for (const weight of model.weights()) count += weight.decode().size;
  return count / (performance.now() - start) / 1000;
}

async function main(seed: number): Promise<void> {
  const made = performance.now();
  const model = alexNetOfNoise(seed);
  const bytes = 4 * weightCount(model);
  console.log(
    `${weightCount(model)} weights, ${megabytes(bytes)}, made in ${((performance.now() - made) / 1000).toFixed(1)} s, seed ${seed}`,
  );

  const compressor = new Compressor({ plugins: [espalier, prune, shareWeights, huffman] });
  const start = performance.now();
  const { model: small, report } = await compressor.run(
    model,
    [prune({ density: DENSITY }), shareWeights({ bits: BITS }), huffman()],
    { seed },
  );
  const file = writeEspalier(small);
  const seconds = (performance.now() - start) / 1000;
  const peak = peakBytes();
  for (const pass of report.passes) {
    console.log(
      `  ${pass.pass.padEnd(14)} ${(pass.elapsedMs / 1000).toFixed(2)} s, then ${pass.sizeBytes} bytes ${JSON.stringify(pass.statistics)}`,
    );
  }
  const back = readEspalier(file, { encodings: [...coreEncodings, huffmanKind] });
  const rates = [decodeRate(back), decodeRate(back), decodeRate(back)];
  const { entropyBytes, codedBytes, otherBytes } = streamEntropy(back);
  const size = file.length;
  const over = size / entropyBytes;
  const best = Math.max(...rates);

  console.log(
    `  streams ${codedBytes} bytes, entropy ${entropyBytes}; biases, centroids, counts ${otherBytes}`,
  );
  line(
    'prune, share, code, write',
    `${seconds.toFixed(2)} s`,
    seconds < limits.seconds,
    `< ${limits.seconds} s`,
  );
  line(
    'peak memory',
    `${megabytes(peak)} = ${(peak / bytes).toFixed(2)} x model`,
    peak < limits.memory * bytes,
    `< ${limits.memory} x`,
  );
  line(
    'size of the .espalier file',
    `${size} bytes = ${over.toFixed(4)} x entropy`,
    over < limits.overEntropy,
    `< ${limits.overEntropy} x`,
  );
  line(
    'decode',
    `${rates.map((rate) => rate.toFixed(0)).join(', ')} M weights/s`,
    best >= limits.decodeRate,
    `>= ${limits.decodeRate}`,
  );
  console.log(`compressionRatio ${(bytes / size).toFixed(2)}`);
}

await main(Number(process.argv[2] ?? 1));
