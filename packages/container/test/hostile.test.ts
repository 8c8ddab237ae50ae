import { elementsVisited } from '@espalier/config/elements-visited';
import { EspalierError, FormatError, UnsupportedError } from '@espalier/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Header } from '../src/header/header.js';
import { readEspalier, writeEspalier } from '../src/index.js';
import { readFrame } from '../src/read/frame.js';
import { deflatedFile, frameHeader } from './frame-header.js';
import { allKinds, models } from './random-models.js';

/** Thousands of files: a minute, where the machine has much else to do. */
const timeoutMs = 300_000;

/** Making a model takes longer than reading it: some are made, and each is damaged often. */
const drawn = fc.sample(models, 300).map((model) => writeEspalier(model));
const files = fc.constantFrom(...drawn).map((bytes) => bytes.slice());

function read(bytes: Uint8Array): ReturnType<typeof readEspalier> {
  return readEspalier(bytes, { encodings: allKinds });
}

/** Reads and decodes; only errors that tell a user what to do may come out of it. */
function readOrExplain(bytes: Uint8Array): void {
  try {
    for (const { constant } of read(bytes).graph.constants) constant?.decode();
  } catch (error) {
    if (!(error instanceof EspalierError)) throw error;
    expect(error.code).not.toBe('INTERNAL');
    // A TypeError or RangeError that was only wrapped would be a check that is missing.
    expect(error.cause ?? error).toBeInstanceOf(EspalierError);
  }
}

describe('a damaged file is refused', () => {
  test(
    'wherever one bit is flipped',
    () => {
      fc.assert(
        fc.property(files, fc.nat(), fc.nat({ max: 7 }), (bytes, at, bit) => {
          const index = at % bytes.length;
          bytes[index] = (bytes[index] ?? 0) ^ (1 << bit);
          expect(() => read(bytes)).toThrow(FormatError);
        }),
        { numRuns: 1000 },
      );
    },
    timeoutMs,
  );

  test('at every bit of one file', () => {
    const [model] = fc.sample(models, { seed: 1, numRuns: 1 });
    const bytes = model === undefined ? new Uint8Array() : writeEspalier(model);
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const copy = bytes.slice();
      copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(() => read(copy), `bit ${bit}`).toThrow(FormatError);
    }
  });

  test('wherever it is cut', () => {
    fc.assert(
      fc.property(files, fc.nat(), (bytes, at) => {
        expect(() => read(bytes.subarray(0, at % bytes.length))).toThrow(FormatError);
      }),
    );
  });

  test('when bytes follow its end', () => {
    fc.assert(
      fc.property(files, fc.uint8Array({ minLength: 1, maxLength: 9 }), (bytes, more) => {
        expect(() => read(Uint8Array.from([...bytes, ...more]))).toThrow(FormatError);
      }),
    );
  });
});

const columns = [
  'types',
  'trees',
  'operators',
  'nodes',
  'sources',
  'outputs',
  'valueNames',
  'nodeNames',
  'integers',
  'floats',
  'metadata',
  'quantizations',
  'scales',
  'zeroPoints',
  'packages',
] as const;

interface Change {
  readonly column: (typeof columns)[number];
  readonly at: number;
  readonly deleted: number;
  readonly inserted: readonly number[];
}

const edges = fc.constantFrom(0, 1, 2, 3, 7, 127, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1);
const changes: fc.Arbitrary<Change> = fc.record({
  column: fc.constantFrom(...columns),
  at: fc.nat(),
  deleted: fc.nat({ max: 2 }),
  inserted: fc.array(fc.oneof(fc.nat({ max: 20 }), edges), { maxLength: 2 }),
});

function change(header: Header, { column, at, deleted, inserted }: Change): void {
  const list = header[column];
  const start = at % (list.length + 1);
  if (column === 'integers') (list as bigint[]).splice(start, deleted, ...inserted.map(BigInt));
  else if (column === 'zeroPoints') (list as number[]).splice(start, deleted, ...inserted.map((n) => n | 0));
  else (list as number[]).splice(start, deleted, ...inserted);
}

describe('a hostile file with right checksums', () => {
  test(
    'is read or refused with an error that explains itself, whatever its header says',
    () => {
      fc.assert(
        fc.property(
          files,
          fc.array(changes, { minLength: 1, maxLength: 3 }),
          fc.boolean(),
          (bytes, all, swap) => {
            const frame = readFrame(bytes);
            const header = structuredClone(frame.header);
            for (const one of all) change(header, one);
            if (swap) header.strings.reverse();
            readOrExplain(frameHeader(header, bytes.subarray(frame.bodyOffset)));
          },
        ),
        { numRuns: 3000 },
      );
    },
    timeoutMs,
  );

  test('is read without searches where a few hundred bytes inflate to 32768 inputs and as many nodes', async () => {
    const count = 2 ** 15;
    const bytes = deflatedFile({
      strings: ['Relu'],
      types: [0, 2, 6],
      operators: [0, 0, 1, 1, 0],
      nodes: Array.from({ length: 3 * count }, (_, i) => (i % 3 === 0 ? 0 : 1)),
      sources: new Array<number>(count).fill(0),
      inputCount: count,
      outputs: [1],
    });
    expect(bytes.length).toBeLessThan(2000);
    const { result, visited } = await elementsVisited(() => read(bytes));
    expect(result.graph.nodeCount).toBe(count);
    // Some 28 elements a node; a search through the inputs for every node would visit 32768.
    expect(visited).toBeGreaterThan(count);
    expect(visited / count).toBeLessThan(100);
  });

  test('is refused where random bytes follow the magic', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(() => read(Uint8Array.from([0x89, 0x45, 0x53, 0x50, 1, ...bytes]))).toThrow(FormatError);
      }),
      { numRuns: 1000 },
    );
  });
});

test('a kind that is not registered is named, and that a plugin is missing', () => {
  const [withKind] = fc
    .sample(files, { seed: 7, numRuns: 100 })
    .filter((bytes) => readFrame(bytes).header.strings.includes('acme:turned'));
  expect(() => readEspalier(withKind ?? new Uint8Array(), { encodings: [] })).toThrow(UnsupportedError);
  const known = allKinds.filter(({ kind }) => kind !== 'acme:turned');
  expect(() => readEspalier(withKind ?? new Uint8Array(), { encodings: known })).toThrow(
    /"acme:turned".*[\s\S]*Install the plugin/,
  );
});
