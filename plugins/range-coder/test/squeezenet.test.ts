import { existsSync, readFileSync } from 'node:fs';
import { codebook, dense, type Encoding, elementCount, gapsOf, packed, sparse, Tensor } from '@espalier/core';
import { beforeAll, describe, expect, test } from 'vitest';
import { codeTree } from '../src/code-tree.js';

const folder = new URL('../../../../shared/models/squeezenet-deep-compression/', import.meta.url);
const absent = !existsSync(folder);
if (absent) console.warn('Skipped: no shared/models/squeezenet-deep-compression beside the repository.');

interface ExpectedLayer {
  readonly name: string;
  readonly shape: readonly number[];
  readonly byteOffset: number;
  readonly entries: number;
}

interface Layer {
  readonly name: string;
  readonly weight: Encoding;
  readonly bias: Encoding;
}

/** The layers by the layout that the folder's README tells: entries of code 0 only skip. */
function readLayers(): Layer[] {
  const bytes = new Uint8Array(readFileSync(new URL('compressed_SqueezeNet.net', folder)));
  const { layers } = JSON.parse(readFileSync(new URL('expected.json', folder), 'utf8')) as {
    layers: ExpectedLayer[];
  };
  return layers.map(({ name, shape, byteOffset, entries }) => {
    const out = shape[0] ?? 0;
    const floats = (at: number, count: number) =>
      dense(new Tensor('float32', new Float32Array(bytes.slice(at, at + 4 * count).buffer)));
    const codesAt = byteOffset + 1024 + 4 * out;
    const places: number[] = [];
    const codes: number[] = [];
    let place = -1;
    for (let i = 0; i < entries; i++) {
      const code = bytes[codesAt + i] ?? 0;
      place += (((bytes[codesAt + entries + (i >> 1)] ?? 0) >> (4 * (i & 1))) & 15) + 1;
      if (code === 0) continue;
      places.push(place);
      codes.push(code);
    }
    const gaps = gapsOf(Uint32Array.from(places), elementCount(shape), 15);
    const values = codebook(floats(byteOffset, 256), packed(new Tensor('uint8', Uint8Array.from(codes)), 8));
    const weight = sparse(packed(new Tensor('uint8', gaps), 4), values, shape, 15);
    return { name, weight, bias: floats(byteOffset + 1024, out) };
  });
}

describe.skipIf(absent)('SqueezeNet as its authors pruned and shared it', () => {
  let before: Layer[] = [];
  let after: Layer[] = [];

  beforeAll(() => {
    if (absent) return;
    before = readLayers();
    after = before.map(({ name, weight, bias }) => ({
      name,
      weight: codeTree(weight, { floats: true }),
      bias: codeTree(bias, { floats: true }),
    }));
  });

  const bytes = (layers: readonly Layer[]): number =>
    layers.reduce((sum, { weight, bias }) => sum + weight.byteLength + bias.byteLength, 0);

  test('takes fewer bytes than the zeroth-order entropy of its streams, its codebooks and its biases', () => {
    expect(bytes(before)).toBeGreaterThan(600_000);
    // 383,246 + 115,801 + 26,624 + 15,904, of the README.
    expect(bytes(after)).toBeLessThan(541_576);
    // The graph around it takes less than 2,000.
    expect(bytes(after)).toBeLessThan(533_000);
  });

  test('has the same weights and biases, bit for bit', () => {
    for (const [i, { name, weight, bias }] of after.entries()) {
      const was = before[i];
      expect(weight.decode().data, name).toEqual(was?.weight.decode().data);
      expect(bias.decode().data, name).toEqual(was?.bias.decode().data);
    }
  });
});
