import { Compressor, EspalierError, FormatError, type Model, readModel, toFloat32 } from '@espalier/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { deepCompressionFormat } from '../src/index.js';
import { type Entry, storedFile } from './stored-file.js';

const { container } = new Compressor({ plugins: [deepCompressionFormat] });
const read = (bytes: Uint8Array): Promise<Model> => readModel(container, bytes, { name: 'a.net' });

async function weightsOf(bytes: Uint8Array, name: string): Promise<Float32Array> {
  const value = (await read(bytes)).graph.value(name)?.constant;
  return value == null ? new Float32Array() : toFloat32(value.decode());
}

/** fire2/conv1x1_1: 16 x 96 x 1 x 1, two runs of zeros longer than a gap, and a real weight behind the longest gap. */
const entries: readonly Entry[] = [
  { gap: 0, code: 4 },
  { gap: 2, code: 8 },
  { gap: 15, code: 0 },
  { gap: 15, code: 0 },
  { gap: 1, code: 255 },
  { gap: 15, code: 1 },
];
const file = storedFile({ 1: entries });

describe('a file of Deep Compression', () => {
  test('gives each entry its place and the value of its code', async () => {
    const weights = await weightsOf(file, 'fire2/conv1x1_1.weight');
    const kept = [...weights.entries()].filter(([, weight]) => weight !== 0);
    expect(weights.length).toBe(16 * 96);
    expect(kept).toEqual([
      [0, 1],
      [3, 2],
      [37, 63.75],
      [53, 0.25],
    ]);
    expect(await weightsOf(file, 'fire2/conv1x1_1.bias')).toEqual(
      Float32Array.from({ length: 16 }, (_, i) => i),
    );
    expect((await weightsOf(file, 'conv_final.weight')).every((weight) => weight === 0)).toBe(true);
  });

  test('is read at an odd place of a larger buffer', async () => {
    const larger = new Uint8Array(file.length + 5);
    larger.set(file, 3);
    expect(await weightsOf(larger.subarray(3, 3 + file.length), 'fire2/conv1x1_1.weight')).toEqual(
      await weightsOf(file, 'fire2/conv1x1_1.weight'),
    );
  });

  test('has the network around it', async () => {
    const { graph } = await read(file);
    expect(graph.nodes.map(({ op }) => op).filter((op) => op === 'Conv')).toHaveLength(26);
    expect(graph.inputs.map(({ type }) => type?.dims)).toEqual([['N', 3, 227, 227]]);
  });
});

describe('a damaged file', () => {
  test('is known by no format where it is cut or goes on', async () => {
    for (const length of [0, 3, 104, 1000, file.length - 1]) {
      await expect(read(file.subarray(0, length))).rejects.toThrow(FormatError);
    }
    await expect(read(Uint8Array.of(...file, 0))).rejects.toThrow(/no model file that is known/);
  });

  test('read all the same says how many bytes it wants', async () => {
    const [format] = new Compressor({ plugins: [deepCompressionFormat] }).formats;
    const readAnyway = async (bytes: Uint8Array) => format?.read(bytes, { name: 'a.net' });
    await expect(readAnyway(file.subarray(0, 5000))).rejects.toThrow(
      /5000 bytes; its entry counts ask for 42/,
    );
    await expect(readAnyway(file.subarray(0, 50))).rejects.toThrow(/do not begin with the entry counts/);
    const many = file.slice();
    many.fill(255, 4, 8);
    await expect(readAnyway(many)).rejects.toThrow(/do not begin with the entry counts/);
  });

  test('with an entry behind the last weight is refused with layer and place', async () => {
    const long = Array.from({ length: 97 }, () => ({ gap: 15, code: 1 }));
    await expect(read(storedFile({ 1: long }))).rejects.toThrow(
      /"fire2\/conv1x1_1" is damaged: entry 96 is weight 1551 of 1536[\s\S]*a\.net, byte \d+/,
    );
    expect((await weightsOf(storedFile({ 1: long.slice(1) }), 'fire2/conv1x1_1.weight')).at(-1)).toBe(0.25);
  });

  test('whose code 0 is no zero is refused', async () => {
    const bytes = file.slice();
    bytes[104 + 3] = 0x3f;
    await expect(read(bytes)).rejects.toThrow(/"conv1" is damaged: code 0 stands for 0\.5, not for 0/);
  });

  test('with flipped bytes is read or refused, and nothing else', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(file.length - 1), fc.integer({ min: 1, max: 255 }), async (at, flip) => {
        const bytes = file.slice();
        bytes[at] = (bytes[at] ?? 0) ^ flip;
        const outcome = await read(bytes).catch((error: unknown) => error);
        if (outcome instanceof Error) expect(outcome).toBeInstanceOf(EspalierError);
      }),
      { numRuns: 60 },
    );
  });
});
