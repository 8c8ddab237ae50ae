import { readdirSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { codebook, createRandom, dense, Graph, Model, packed, Tensor } from '@espalier/core';
import { beforeAll, describe, expect, test } from 'vitest';
import { encodeNpy } from '../src/data/npy.js';
import { compress } from '../src/library.js';
import { espalier, temporaryFolder } from './command-line.js';

const at = temporaryFolder();

/** A matrix of 128 x 128 whose indices take a section of their own, the last of the file. */
function withCodebook(): Model {
  const random = createRandom(3);
  const indices = Uint8Array.from({ length: 128 * 128 }, () => random.below(60));
  const centroids = Float32Array.from({ length: 60 }, (_, i) => i / 60 - 0.5);
  const graph = new Graph('coded');
  const x = graph.addInput('x', { dtype: 'float32', dims: ['N', 128] });
  const w = codebook(
    dense(new Tensor('float32', centroids)),
    packed(new Tensor('uint8', indices, [128, 128]), 8),
  );
  graph.addOutput(graph.apply({ op: 'MatMul', inputs: [x, graph.constant(w, 'w')] }, 'y'));
  return new Model(graph);
}

/** Where the last section begins and ends: its checksum is behind it. */
function lastSection(file: Uint8Array): readonly [start: number, end: number] {
  const end = file.length - 4;
  const checksum = new DataView(file.buffer, file.byteOffset).getUint32(end, true);
  for (let start = 0; start < end; start += 8)
    if (crc32(file.subarray(start, end)) === checksum) return [start, end];
  throw new Error('no section of the file ends where it ends');
}

/** The file with bytes of its last section turned over, counted from where that begins, or from its end. */
function turned(file: Uint8Array, places: readonly number[], checksum: 'left' | 'made right'): Uint8Array {
  const [start, end] = lastSection(file);
  const copy = file.slice();
  for (const place of places) {
    const index = place < 0 ? end + place : start + place;
    copy[index] = (copy[index] ?? 0) ^ 255;
  }
  if (checksum === 'made right')
    new DataView(copy.buffer).setUint32(end, crc32(copy.subarray(start, end)), true);
  return copy;
}

const damages: readonly [where: string, file: string, places: readonly number[]][] = [
  ['at its start', 'start', [0]],
  ['in its middle', 'middle', [3000, 3001]],
  ['all along', 'along', Array.from({ length: 50 }, (_, i) => 100 * i)],
];

describe('an arithmetic-coded stream with a damage', () => {
  beforeAll(async () => {
    const { bytes } = await compress(withCodebook(), { steps: ['range-coder'] });
    await writeFile(at('whole.espalier'), bytes);
    await writeFile(at('x.npy'), encodeNpy(new Tensor('float32', new Float32Array(128), [1, 128])));
    for (const [, name, places] of damages) {
      await writeFile(at(`${name}.espalier`), turned(bytes, places, 'left'));
      await writeFile(at(`${name}-sealed.espalier`), turned(bytes, places, 'made right'));
    }
  });

  const commands = (file: string): string[][] => [
    ['convert', at(file), '-o', at('out.onnx')],
    ['compress', at(file), '-o', at('out.espalier'), '-r', 'float16'],
    ['run', at(file), '--data', at('x.npy'), '-o', at('out.npy')],
  ];

  async function expectRefused(argv: readonly string[], said: RegExp): Promise<void> {
    const before = readdirSync(at('.'));
    const { code, stdout, stderr } = await espalier(argv);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(said);
    expect(stderr).toMatch(/(^|\.\.\.\n)error: .+\n {2}fix: .+\n$/);
    expect(readdirSync(at('.'))).toEqual(before);
  }

  test.each(damages)('%s: the checksum finds it', async (_, name) => {
    for (const argv of commands(`${name}.espalier`))
      await expectRefused(argv, new RegExp(`checksum.*${name}\\.espalier`));
  });

  test.each(damages)('%s, its checksum made right again: the decoder finds it', async (_, name) => {
    for (const argv of commands(`${name}-sealed.espalier`))
      await expectRefused(argv, /arithmetic-coded stream is damaged: /);
  });

  test.each(damages)('%s: the file that is read is named, not the one to write', async (_, name) => {
    const [convert = []] = commands(`${name}-sealed.espalier`);
    await expectRefused(convert, new RegExp(`damaged: .*\\(.*${name}-sealed\\.espalier`));
  });

  test('and the same file without one is read', async () => {
    for (const argv of commands('whole.espalier')) expect(await espalier(argv)).toMatchObject({ code: 0 });
  });
});
