import { readdirSync, readFileSync } from 'node:fs';
import { fromJsonString } from '@bufbuild/protobuf';
import { elementsVisited } from '@espalier/config/elements-visited';
import { EspalierError } from '@espalier/core';
import { expect, test } from 'vitest';
import { readEspalier } from '../src/index.js';
import { checksum, frameHeader } from './frame-header.js';
import { HeaderSchema } from './gen/espalier_pb.js';
import { allKinds } from './random-models.js';

// Each file of the folder is one bad model: a sentence, the error that must come, and either all of
// its bytes, or a header (as Protocol Buffers JSON) with sections. Lengths and checksums are put
// around a header, so that what is wrong with it is all that is wrong.
const folder = new URL('attacks/', import.meta.url);

interface Attack {
  readonly sentence: string;
  readonly error: string;
  readonly bytes: Uint8Array;
}

function parse(text: string): Attack {
  const [sentence = '', ...lines] = text.split('\n');
  const rest = lines.join('\n');
  const part = (name: string): string | undefined =>
    new RegExp(`^${name}:([\\s\\S]*?)(?=^[a-z]+:|$(?![\\s\\S]))`, 'm').exec(rest)?.[1]?.trim();
  const bytes = part('bytes');
  const header = part('header');
  return {
    sentence: sentence.replace(/^# /, ''),
    error: part('error') ?? '',
    bytes:
      bytes === undefined
        ? frameHeader(fromJsonString(HeaderSchema, header ?? ''), fromHex(part('body') ?? ''))
        : fromHex(bytes),
  };
}

/** Hex with spaces; `crc(…)` is the bytes within and their checksum, `00*9` is a byte nine times. */
function fromHex(text: string): Uint8Array {
  const crc = /^([\s\S]*?)crc\(([^)]*)\)([\s\S]*)$/.exec(text);
  if (crc !== null) {
    const section = fromHex(crc[2] ?? '');
    return Uint8Array.from([
      ...fromHex(crc[1] ?? ''),
      ...section,
      ...checksum(section),
      ...fromHex(crc[3] ?? ''),
    ]);
  }
  return Uint8Array.from(
    text
      .split(/\s+/)
      .filter((word) => word !== '')
      .flatMap((word) => {
        const [byte = '', times = '1'] = word.split('*');
        return new Array<number>(Number(times)).fill(Number.parseInt(byte, 16));
      }),
  );
}

for (const name of readdirSync(folder).filter((file) => file.endsWith('.txt'))) {
  const { sentence, error, bytes } = parse(readFileSync(new URL(name, folder), 'utf8'));
  test(`attacks/${name}: ${sentence}`, async () => {
    const { result: thrown, visited } = await elementsVisited(() => refusal(bytes));
    expect(`${thrown.code} ${thrown.message}`).toContain(error);
    // Most visit about as many elements as they have bytes; what inflates, tables of 3,400.
    expect(visited).toBeLessThan(5000 + 10 * bytes.length);
  });
}

function refusal(bytes: Uint8Array): EspalierError {
  try {
    for (const { constant } of readEspalier(bytes, { encodings: allKinds }).graph.constants)
      constant?.decode();
  } catch (error) {
    if (error instanceof EspalierError) return error;
    throw error;
  }
  throw new Error('it was read');
}
