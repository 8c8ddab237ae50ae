import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { affine } from '../encoding/affine.js';
import { cast } from '../encoding/cast.js';
import { codebook } from '../encoding/codebook.js';
import { dense } from '../encoding/dense.js';
import type { Encoding } from '../encoding/encoding.js';
import { packed } from '../encoding/packed.js';
import { gapsOf, sparse } from '../encoding/sparse.js';
import { quantization } from '../ir/value-type.js';
import { Tensor, toFloat32 } from '../tensor/tensor.js';
import { alongAxis, channelAt, convInputs, convTransposeOutputs } from './channel-map.js';
import { scaleChannels } from './scale-channels.js';

const factor = Float64Array.of(2, 0.5, 3);

function valuesOf(encoding: Encoding | null): number[] | null {
  return encoding === null ? null : Array.from(toFloat32(encoding.decode()));
}

function bytes(...values: number[]): Encoding {
  return dense(new Tensor('uint8', Uint8Array.from(values), [3, values.length / 3]));
}

describe('scaleChannels', () => {
  test('each element is multiplied by the factor of its channel, rounded once', () => {
    fc.assert(
      fc.property(
        fc.array(fc.float({ noNaN: true, noDefaultInfinity: true }), { minLength: 6, maxLength: 6 }),
        (list) => {
          const weight = dense(new Tensor('float32', Float32Array.from(list), [3, 2]));
          const wanted = list.map((x, i) => Math.fround(x * (factor[Math.floor(i / 2)] ?? 0)));
          expect(valuesOf(scaleChannels(weight, alongAxis([3, 2], 0), factor))).toEqual(wanted);
        },
      ),
    );
  });

  test('a sparse weight stays sparse, with the same gaps', () => {
    const positions = Uint32Array.of(1, 4, 299, 300);
    const gaps = dense(new Tensor('uint8', gapsOf(positions, 600, 20)));
    const weight = sparse(gaps, dense(new Tensor('float32', Float32Array.of(1, 2, 3, 4))), [3, 200], 20);
    const scaled = scaleChannels(weight, alongAxis([3, 200], 0), factor);
    expect(scaled?.children['gaps']).toBe(gaps);
    expect(valuesOf(scaled?.children['values'] ?? null)).toEqual([2, 4, 1.5, 2]);
  });

  test('codes of a quantized weight stay, its scales take the factors', () => {
    const codes = bytes(1, 2, 3, 4, 5, 6);
    const whole = affine(codes, quantization({ scale: 0.5, zeroPoint: 1, storageType: 'uint8' }));
    const scaled = scaleChannels(whole, alongAxis([3, 2], 0), factor);
    expect(scaled?.children['codes']).toBe(codes);
    expect(valuesOf(scaled)).toEqual([0, 1, 0.5, 0.75, 6, 7.5]);
  });

  test('codes are mirrored where a factor is negative, and zero where it is', () => {
    const signed = dense(new Tensor('int8', Int8Array.of(1, 2, 3, -4, 5, -128), [3, 2]));
    const weight = affine(signed, quantization({ scale: Float32Array.of(1, 2, 4), axis: 0 }));
    const scaled = scaleChannels(weight, alongAxis([3, 2], 0), Float64Array.of(-0.5, 0, 1));
    expect(valuesOf(scaled)).toEqual([-0.5, -1, 0, 0, 20, -512]);
    expect(scaled?.kind).toBe('affine');
    // -128 has no mirror image.
    expect(scaleChannels(weight, alongAxis([3, 2], 0), Float64Array.of(1, 1, -1))).toBeNull();
  });

  test('a codebook along the channels takes the factors, one for all does not', () => {
    const table = new Tensor('float32', Float32Array.of(1, 2, 3, 4, 5, 6), [3, 2]);
    const indices = dense(new Tensor('uint8', Uint8Array.of(0, 1, 1, 0, 0, 0), [3, 2]));
    const each = codebook(dense(table), indices, 0);
    const scaled = scaleChannels(each, alongAxis([3, 2], 0), factor);
    expect(scaled?.kind).toBe('codebook');
    expect(valuesOf(scaled)).toEqual([2, 4, 2, 1.5, 15, 15]);
    const all = codebook(dense(table.reshape([6])), indices);
    expect(scaleChannels(all, alongAxis([3, 2], 0), factor)).toBeNull();
  });

  test('encodings without real values in reach are refused', () => {
    const half = cast(dense(new Tensor('float16', new Uint16Array(3))));
    expect(scaleChannels(half, alongAxis([3], 0), factor)).toBeNull();
    const codes = packed(new Tensor('uint8', Uint8Array.of(1, 2, 3)), 2);
    expect(scaleChannels(codes, alongAxis([3], 0), factor)).toBeNull();
    expect(scaleChannels(bytes(1, 2, 3), alongAxis([3, 1], 0), factor)).toBeNull();
  });
});

describe('ChannelMap', () => {
  test('grouped Conv weights read the input channels of their group', () => {
    const map = convInputs([4, 2, 3], 2);
    const channels = Array.from({ length: 24 }, (_, i) => channelAt(map, i));
    expect(channels.filter((_, i) => i % 3 === 0)).toEqual([0, 1, 0, 1, 2, 3, 2, 3]);
  });

  test('grouped ConvTranspose weights write the output channels of their group', () => {
    const map = convTransposeOutputs([4, 3, 2], 2);
    const channels = Array.from({ length: 24 }, (_, i) => channelAt(map, i));
    expect(channels.filter((_, i) => i % 2 === 0)).toEqual([0, 1, 2, 0, 1, 2, 3, 4, 5, 3, 4, 5]);
  });
});
