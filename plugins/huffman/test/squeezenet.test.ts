import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { decodeStream } from '../src/decode-stream.js';
import { encodeStream, planStream } from '../src/encode-stream.js';

const folder = new URL('../../../../shared/models/squeezenet-deep-compression/', import.meta.url);
const absent = !existsSync(folder);
if (absent) console.warn('Skipped: no shared/models/squeezenet-deep-compression beside the repository.');

interface ExpectedLayer {
  readonly name: string;
  readonly shape: readonly number[];
  readonly byteOffset: number;
  readonly entries: number;
}

interface Streams {
  readonly name: string;
  readonly codes: Uint8Array;
  readonly gaps: Uint8Array;
}

/** The layers' streams, by the layout that the folder's README tells. */
function readStreams(): Streams[] {
  const bytes = new Uint8Array(readFileSync(new URL('compressed_SqueezeNet.net', folder)));
  const { layers } = JSON.parse(readFileSync(new URL('expected.json', folder), 'utf8')) as {
    layers: ExpectedLayer[];
  };
  return layers.map(({ name, shape, byteOffset, entries }) => {
    const codes = byteOffset + 4 * 256 + 4 * (shape[0] ?? 0);
    const nibbles = bytes.subarray(codes + entries, codes + entries + Math.ceil(entries / 2));
    const gaps = Uint8Array.from(
      { length: entries },
      (_, i) => ((nibbles[i >> 1] ?? 0) >> (4 * (i & 1))) & 15,
    );
    return { name, codes: bytes.slice(codes, codes + entries), gaps };
  });
}

describe.skipIf(absent)('SqueezeNet as its authors pruned and shared it', () => {
  const streams = absent ? [] : readStreams();

  test('takes the bytes that others counted for its best Huffman codes: 513,960 without tables', () => {
    let bits = 0;
    for (const { codes, gaps } of streams) {
      for (const symbols of [codes, gaps]) {
        const { lengths } = planStream(symbols);
        for (const symbol of symbols) bits += lengths[symbol] ?? 0;
      }
    }
    // Whether their sum was rounded for each of 52 streams or once is not told.
    expect(Math.abs(bits / 8 - 513_960)).toBeLessThan(52);
  });

  test('its code tables cost less than one part in a hundred of the codes', () => {
    const tables = streams.flatMap(({ codes, gaps }) => [planStream(codes), planStream(gaps)]);
    const bytes = tables.reduce((sum, { table }) => sum + table.length, 0);
    expect(bytes).toBeLessThan(5139);
  });

  test('every stream comes back bit for bit', () => {
    for (const { name, codes, gaps } of streams) {
      for (const symbols of [codes, gaps]) {
        expect(Buffer.compare(decodeStream(encodeStream(symbols), symbols.length), symbols), name).toBe(0);
      }
    }
  });
});
